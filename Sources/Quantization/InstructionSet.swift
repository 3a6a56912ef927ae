import CKernels
import Platform
import Tensors

/// What kernels the processor can run. All give the same bytes and bits; only dot products differ, in rounding.
public enum InstructionSet: String, Sendable, CaseIterable {
    /// The plain Swift code that defines the results.
    case plain
    /// x86-64 with AVX2, FMA, F16C and BMI2.
    case avx2
    /// The same with AVX-VNNI: integer products in one step.
    case avx2VNNI = "avx2-vnni"
    /// AVX2 with AVX-512 F, BW, DQ and VL.
    case avx512
    /// The same with VNNI and VBMI.
    case avx512VNNI = "avx512-vnni"
    /// The same with AMX's products of bytes.
    case avx512AMX = "avx512-amx"
    /// Every 64-bit ARM.
    case neon
    /// The same with the dot products of ARM 8.2.
    case neonDotProduct = "neon-dotprod"
    /// The same with the matrix products of ARM 8.6.
    case neonMatrixProduct = "neon-i8mm"

    /// Those that this processor can run, the fastest last.
    public static let available = allCases.filter { vlmc_isa_available($0.isa) }

    /// The one in use, chosen once: what the variable `VLMCONV_ISA` names, or the fastest.
    public static let current = chosen(getenv("VLMCONV_ISA").map { String(cString: $0) })

    /// A name that is unknown, or that this processor cannot run, counts as not given.
    package static func chosen(_ name: String?) -> InstructionSet {
        let isa = vlmc_choose_isa(name)
        return allCases.first { $0.isa == isa } ?? .plain
    }

    /// Its number in CKernels.
    package var isa: vlmc_isa {
        switch self {
        case .plain: VLMC_ISA_PLAIN
        case .avx2: VLMC_ISA_AVX2
        case .avx2VNNI: VLMC_ISA_AVX2_VNNI
        case .avx512: VLMC_ISA_AVX512
        case .avx512VNNI: VLMC_ISA_AVX512_VNNI
        case .avx512AMX: VLMC_ISA_AVX512_AMX
        case .neon: VLMC_ISA_NEON
        case .neonDotProduct: VLMC_ISA_NEON_DOTPROD
        case .neonMatrixProduct: VLMC_ISA_NEON_I8MM
        }
    }

    /// The kernel for ggml's type number; nil where the plain code must do.
    func encoder(_ type: UInt32?) -> EncodeRow? {
        guard let type, let kernel = vlmc_encoder(isa, type) else { return nil }
        return { x, importance, columns, output in kernel(x, importance, columns, output) }
    }

    func decoder(_ type: UInt32?) -> DecodeRow? {
        guard let type, let kernel = vlmc_decoder(isa, type) else { return nil }
        return { bytes, columns, y in kernel(bytes, columns, y) }
    }

    var errorOfRow: ErrorOfRow? {
        guard let kernel = vlmc_error_kernel(isa) else { return nil }
        return { reference, values, columns in
            var figures = vlmc_error()
            kernel(reference, values, columns, &figures)
            return (figures.squared_error, figures.squared_reference, figures.largest)
        }
    }

    func dot(_ type: UInt32?) -> DotRow? {
        guard let type, let kernel = vlmc_dot(isa, type) else { return nil }
        return { bytes, x, columns in kernel(bytes, x, columns) }
    }

    /// The kernel for rows of `columns` elements; nil where the plain code must do.
    func groupEncoder(_ format: GroupScaleFormat, columns: Int) -> EncodeGroups? {
        guard let kernel = vlmc_group_encoder(isa) else { return nil }
        let format = format.forKernels
        return { x, importance, rows, output in kernel(format, x, importance, columns, rows, output) }
    }

    func groupDot(_ format: GroupScaleFormat) -> DotRow? {
        guard let kernel = vlmc_group_dot(isa) else { return nil }
        let format = format.forKernels
        return { row, x, columns in kernel(format, row, x, columns) }
    }

    func groupDecoder(_ format: GroupScaleFormat, columns: Int) -> DecodeGroups? {
        guard let kernel = vlmc_group_decoder(isa) else { return nil }
        let format = format.forKernels
        return { row, y in kernel(format, row, columns, y) }
    }
}

extension GroupScaleFormat {
    fileprivate var forKernels: vlmc_group_format {
        vlmc_group_format(
            affine: symmetry == .affine, bits: UInt32(truncatingIfNeeded: bits), length: groupLength)
    }
}
