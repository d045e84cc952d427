namespace CompressionHost.Plugins.Quantizers;

/// <summary>Options of <c>use: binary</c>.</summary>
public sealed record BinaryOptions
{
    /// <summary>Consecutive weights of one row that share a scale: 1 to 65536, or <c>row</c>; 128 where it is not given. The last group of a row may be shorter.</summary>
    [GroupRange(1, 65_536)]
    public GroupLength Group { get; init; } = GroupLength.Of(128);
}
