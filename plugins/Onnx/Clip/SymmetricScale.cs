namespace CompressionHost.Plugins.Onnx;

/// <summary>Symmetric quantization: the greatest magnitude of a group gets the greatest code.</summary>
internal static class SymmetricScale
{
    /// <summary>The step between two codes; 1 where all values are zero.</summary>
    public static float Of(ReadOnlySpan<float> values, int maxCode)
    {
        var most = 0f;
        foreach (var value in values)
            most = Math.Max(most, Math.Abs(value));
        // Also where the step would be too small for a float.
        return most / maxCode is > 0 and var scale ? scale : 1;
    }

    /// <summary>The code nearest to a value.</summary>
    public static int Code(float value, float scale, int maxCode) => (int)Math.Clamp(MathF.Round(value / scale), -maxCode, maxCode);
}
