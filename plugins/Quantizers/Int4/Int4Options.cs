namespace CompressionHost.Plugins.Quantizers;

/// <summary>Options of <c>use: int4</c>.</summary>
public sealed record Int4Options
{
    /// <summary>
    /// Consecutive weights of one row that share a scale: 32 to 256, or <c>row</c>; 128 where it is not given. The last group of a row may be shorter. A multiple of
    /// 32, the block of GGUF's Q4_0, goes there exactly.
    /// </summary>
    [GroupRange(32, 256)]
    public GroupLength Group { get; init; } = GroupLength.Of(128);

    /// <summary>
    /// True for s = max|w| / 7 and codes from -8 to 7; false for s = (max - min) / 15, codes from 0 to 15 and a zero point a group, which costs 8 bits a group and
    /// helps where weights lie to one side of 0.
    /// </summary>
    public bool Symmetric { get; init; } = true;
}
