namespace CompressionHost.EndToEnd.Tests;

/// <summary>Images for tests that need any.</summary>
internal static class Pictures
{
    /// <summary>A PNG of one white pixel.</summary>
    public static byte[] White() => Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==");
}
