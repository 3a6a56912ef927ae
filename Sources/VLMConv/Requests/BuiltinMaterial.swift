import Imaging

extension CalibrationMaterial {
    /// What is read when nothing is given.
    static var builtIn: CalibrationMaterial {
        get throws {
            var material = CalibrationMaterial()
            material.names = ["built-in text"]
            material.texts = [text]
            return material
        }
    }

    private static let text = """
        The river leaves the lake at its southern end and turns west between two low hills. In spring, when the snow of the \
        mountains melts, it carries twice as much water as in late summer, and the meadows on both sides are flooded for some \
        weeks. Farmers used to count the days from the first flood to decide when to sow. A stone bridge with three arches \
        crosses it near the old mill, which now houses a small museum about paper making.
        To make bread, mix 500 grams of flour with 300 millilitres of water, a little salt and some yeast. Knead the dough \
        for ten minutes, let it rest under a cloth until it has doubled, shape a loaf, and bake it at 220 degrees for about \
        forty minutes. Tap on its bottom: if it sounds hollow, it is done.
        USER: How many legs does a spider have? ASSISTANT: A spider has eight legs. Insects, such as ants and bees, have six.
        USER: Which is larger, 0.25 or 1/3? ASSISTANT: 1/3 is about 0.333, so it is larger than 0.25.
        def mean(values):
            if not values:
                raise ValueError("no values")
            return sum(values) / len(values)
        """
}
