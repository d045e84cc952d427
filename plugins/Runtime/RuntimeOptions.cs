namespace CompressionHost.Plugins.Runtime;

/// <summary>Options of <c>x64</c> and <c>arm</c>.</summary>
public sealed record RuntimeOptions
{
    /// <summary>Whether weights are held against their checksums when they are first used; costs one reading of the package.</summary>
    public bool Verify { get; init; } = true;
}
