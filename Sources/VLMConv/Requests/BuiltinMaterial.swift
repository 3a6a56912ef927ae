import Imaging

extension CalibrationMaterial {
    /// What is read when nothing is given.
    static var builtIn: CalibrationMaterial {
        var material = CalibrationMaterial()
        material.names = ["built-in text and pictures"]
        material.texts = [BuiltinCalibration.text]
        material.pictures = (0..<48).map { number in { Picture(try BuiltinCalibration.picture(number)) } }
        return material
    }
}
