namespace CompressionHost.Tensors;

/// <summary>
/// Something a stage was given is unusable: a checkpoint, an image folder, a package. The message says what is wrong, where, and
/// what to do; it is shown to the user as it is, without a stack trace.
/// </summary>
public sealed class InvalidInputException : Exception
{
    /// <summary>Reports unusable input.</summary>
    /// <param name="message">What is wrong and what to do about it.</param>
    /// <param name="path">The file or folder at fault, if one is.</param>
    /// <param name="inner">What was caught, if anything was.</param>
    public InvalidInputException(string message, string? path = null, Exception? inner = null)
        : base(message, inner) => Path = path;

    /// <summary>The file or folder at fault, if one is.</summary>
    public string? Path { get; }
}
