// What an app needs beside the calls themselves, so that it imports this module alone.
@_exported import enum ByteIO.ProcessSignals
@_exported import struct Conversion.Preset
@_exported import struct Conversion.TypePolicy
@_exported import struct Execution.Sampler
@_exported import struct MobileVLM.ModelConfiguration
@_exported import struct Models.TensorLedger
@_exported import struct Opening.Model
@_exported import struct MobileVLM.Prompt
@_exported import struct MobileVLM.TokenPrompt
@_exported import class Platform.Cancellation
@_exported import enum Platform.Machine
@_exported import struct Tensors.Shape
@_exported import enum Tensors.ElementType
@_exported import struct Tensors.TensorInfo
@_exported import struct Verification.LogitComparison
@_exported import struct Verification.TensorComparison
@_exported import struct Verification.VerificationReport
