namespace CompressionHost.Engine;

/// <summary>One of the two encoders of an image-text model.</summary>
public enum Tower
{
    /// <summary>The image encoder.</summary>
    Image,

    /// <summary>The text encoder.</summary>
    Text,
}

/// <summary>Names of encoders.</summary>
public static class Towers
{
    /// <summary>Both.</summary>
    public static IReadOnlyList<Tower> All { get; } = [Tower.Image, Tower.Text];

    /// <summary>As metrics and JSON have it: <c>image</c> or <c>text</c>.</summary>
    public static string Name(this Tower tower) => tower == Tower.Image ? "image" : "text";
}
