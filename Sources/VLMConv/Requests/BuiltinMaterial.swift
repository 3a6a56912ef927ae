import Imaging

extension CalibrationMaterial {
    /// What is read when nothing is given.
    static var builtIn: CalibrationMaterial {
        get throws {
            var material = CalibrationMaterial()
            material.names = ["built-in text and pictures"]
            material.texts = [BuiltinCalibration.text]
            material.pictures = try BuiltinCalibration.pictures(count: 48).map { Picture($0) }
            return material
        }
    }
}
