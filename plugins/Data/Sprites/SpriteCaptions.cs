using System.Text;

namespace CompressionHost.Plugins.Data;

/// <summary>Words for scenes. Every word comes from a closed vocabulary.</summary>
internal static class SpriteCaptions
{
    /// <summary>Templates for labelled scenes.</summary>
    public static readonly IReadOnlyList<string> Templates =
        ["a {c}", "a photo of a {c}.", "a picture of a {c}.", "a drawing of a {c}.", "there is a {c} in the picture.", "this is a {c}."];

    private static readonly string[] Openings = ["", "", "a photo of ", "a picture of ", "a drawing of ", "there is ", "this is ", "you can see "];

    /// <param name="scene">What is to be told.</param>
    /// <param name="detail">Tell everything, or leave parts out by chance.</param>
    /// <param name="random">Chooses among wordings.</param>
    public static string Write(SpriteScene scene, SpriteDetail detail, ref SplitMix64 random)
    {
        var isFull = detail == SpriteDetail.Full;
        var text = new StringBuilder(Openings[random.Next(Openings.Length)]);
        Describe(text, scene.Main.What, isFull, ref random);
        if (scene.Other is { } other)
        {
            Relate(text, scene.Main.What.Position, isFull, ref random);
            Describe(text, other.What, isFull, ref random);
        }
        else if (isFull || random.Next(5) < 2)
        {
            text.Append(Place(scene.Main.What.Position, ref random));
        }
        if (isFull || random.Next(4) == 0)
        {
            var background = SpriteAttributes.Backgrounds[scene.Background];
            text.Append(random.Next(2) == 0 ? $" on a {background} background" : $" in front of a {background} background");
        }
        return text.ToString();
    }

    private static void Describe(StringBuilder text, SpriteComposition what, bool isFull, ref SplitMix64 random)
    {
        text.Append("a ");
        if (isFull || random.Next(2) == 0)
            text.Append(what.Size == 0 ? Either("small ", "little ", ref random) : Either("large ", "big ", ref random));
        if (isFull || random.Next(2) == 0)
            text.Append(SpriteAttributes.Textures[what.Texture]).Append(' ');
        text.Append(SpriteAttributes.Colors[what.Color]).Append(' ').Append(SpriteAttributes.Shapes[what.Shape]);
    }

    // The main object stands at the left (3), the right (5), the top (1) or the bottom (7).
    private static void Relate(StringBuilder text, int position, bool isFull, ref SplitMix64 random)
    {
        if (!isFull && random.Next(4) == 0)
        {
            text.Append(Either(" and ", " next to ", ref random));
            return;
        }
        text.Append(position switch
        {
            3 => Either(" to the left of ", " left of ", ref random),
            5 => Either(" to the right of ", " right of ", ref random),
            1 => Either(" above ", " over ", ref random),
            _ => Either(" below ", " under ", ref random),
        });
    }

    private static string Place(int position, ref SplitMix64 random) => position switch
    {
        4 => Either(" in the center", " in the middle", ref random),
        _ when position % 2 == 1 => Either(" at the ", " on the ", ref random) + SpriteAttributes.Positions[position] + Either("", " side", ref random),
        _ => Either(" in the ", " at the ", ref random) + SpriteAttributes.Positions[position] + Either("", " corner", ref random),
    };

    private static string Either(string first, string second, ref SplitMix64 random) => random.Next(2) == 0 ? first : second;
}
