namespace CompressionHost.Plugins.Data;

/// <summary>
/// Which points belong to a shape: u to the right and v downwards, in 1/1024 of the shape's radius. Integers only.
/// </summary>
internal static class SpriteShapes
{
    // Five outer points on the circle of radius 1024, five inner ones on that of 430, from the top clockwise.
    private static readonly int[] StarU = [0, 253, 974, 409, 602, 0, -602, -409, -974, -253];
    private static readonly int[] StarV = [-1024, -348, -316, 133, 828, 430, 828, 133, -316, -348];

    public static bool Contains(int shape, int u, int v) => shape switch
    {
        0 => u * u + v * v <= 920 * 920,
        1 => Math.Abs(u) <= 800 && Math.Abs(v) <= 800,
        2 => v <= 740 && Math.Abs(u) * 1740 <= 1000 * (v + 1000),
        3 => InStar(u, v),
        4 => u * u + v * v is <= 1000 * 1000 and >= 560 * 560,
        5 => (Math.Abs(u) <= 300 && Math.Abs(v) <= 1000) || (Math.Abs(v) <= 300 && Math.Abs(u) <= 1000),
        6 => Math.Abs(u) + Math.Abs(v) <= 1060,
        7 => InHeart(u, v),
        _ => false,
    };

    // Even-odd rule: edges that the ray from the point to the right crosses.
    private static bool InStar(int u, int v)
    {
        var inside = false;
        for (int i = 0, j = StarU.Length - 1; i < StarU.Length; j = i++)
        {
            var (vi, vj) = (StarV[i], StarV[j]);
            if (vi > v == vj > v)
                continue;
            // u < ui + (v - vi) (uj - ui) / (vj - vi), without the division.
            var left = (u - StarU[i]) * (vj - vi);
            var right = (v - vi) * (StarU[j] - StarU[i]);
            if (vj > vi ? left < right : left > right)
                inside = !inside;
        }
        return inside;
    }

    // Two discs above a triangle whose sides touch them.
    private static bool InHeart(int u, int v)
    {
        var (a, b) = (Math.Abs(u) - 460, v + 330);
        return a * a + b * b <= 500 * 500 || (v >= -260 && v <= 960 && Math.Abs(u) * 1060 <= 890 * (960 - v) && Math.Abs(u) <= 940);
    }
}
