namespace CompressionHost.Plugins.Data;

/// <summary>The closed vocabulary of scenes. The order of the names is part of the data: digests and splits depend on it.</summary>
internal static class SpriteAttributes
{
    public static readonly string[] Shapes = ["circle", "square", "triangle", "star", "ring", "cross", "diamond", "heart"];

    public static readonly string[] Colors = ["red", "brown", "yellow", "green", "cyan", "blue", "purple", "pink"];

    public static readonly string[] Textures = ["solid", "striped", "dotted", "checked"];

    public static readonly string[] Sizes = ["small", "large"];

    /// <summary>Rows of three: the position's column is its index % 3, its row index / 3.</summary>
    public static readonly string[] Positions =
        ["top left", "top", "top right", "left", "center", "right", "bottom left", "bottom", "bottom right"];

    public static readonly string[] Backgrounds = ["light", "gray", "dark"];

    /// <summary>R, G, B of <see cref="Colors"/>.</summary>
    public static readonly (int R, int G, int B)[] ColorValues =
        [(215, 35, 35), (135, 80, 30), (235, 210, 40), (40, 160, 50), (45, 205, 215), (45, 70, 215), (130, 45, 175), (245, 130, 190)];

    /// <summary>Mean grey of <see cref="Backgrounds"/>.</summary>
    public static readonly int[] BackgroundValues = [225, 128, 32];
}

/// <summary>The attributes of one object, as indices into <see cref="SpriteAttributes"/>.</summary>
internal readonly record struct SpriteComposition(int Shape, int Color, int Texture, int Size, int Position)
{
    /// <summary>Number of different compositions.</summary>
    public static int Total { get; } = SpriteAttributes.Shapes.Length * SpriteAttributes.Colors.Length * SpriteAttributes.Textures.Length
        * SpriteAttributes.Sizes.Length * SpriteAttributes.Positions.Length;

    public static SpriteComposition Of(int id)
    {
        (id, var position) = Math.DivRem(id, SpriteAttributes.Positions.Length);
        (id, var size) = Math.DivRem(id, SpriteAttributes.Sizes.Length);
        (id, var texture) = Math.DivRem(id, SpriteAttributes.Textures.Length);
        var (shape, color) = Math.DivRem(id, SpriteAttributes.Colors.Length);
        return new SpriteComposition(shape, color, texture, size, position);
    }

    public int Id => (((Shape * SpriteAttributes.Colors.Length + Color) * SpriteAttributes.Textures.Length + Texture)
        * SpriteAttributes.Sizes.Length + Size) * SpriteAttributes.Positions.Length + Position;

    /// <summary>The split the composition belongs to, whatever the seed.</summary>
    public SpriteSplit Split => (SplitMix64.Mix((ulong)Id + 0x5EED) % 10) switch
    {
        < 7 => SpriteSplit.Train,
        7 => SpriteSplit.Validation,
        _ => SpriteSplit.Test,
    };
}
