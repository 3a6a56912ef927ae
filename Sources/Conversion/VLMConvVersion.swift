/// The version of tool and library.
public enum VLMConvVersion {
    public static let text = "0.1.0"
}
