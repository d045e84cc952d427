using System.Buffers;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>
/// Turns an image into what an image encoder such as CLIP's reads: the shortest side resized to a size, a square cut from the centre, pixels scaled to
/// 0..1 and normalized by channel. Equal bit for bit to transformers' image processors (or the transforms of open_clip and timm) over Pillow.
/// </summary>
public sealed class ClipImageProcessor
{
    private readonly float[] _mean;
    private readonly float[] _std;
    private readonly float[] _normalized = new float[3 * 256];

    /// <param name="size">The side of the square in pixels, at least 1.</param>
    /// <param name="mean">Mean of red, green and blue, in 0..1.</param>
    /// <param name="std">Standard deviation of red, green and blue, above 0.</param>
    /// <param name="rounding">Where the crop begins when the margin is odd.</param>
    public ClipImageProcessor(int size, IReadOnlyList<float> mean, IReadOnlyList<float> std, CropRounding rounding = CropRounding.HuggingFace)
        : this(size, size, false, mean, std, rounding)
    {
    }

    internal ClipImageProcessor(
        int size, int resizeTo, bool squash, IReadOnlyList<float> mean, IReadOnlyList<float> std, CropRounding rounding,
        Resampling resampling = Resampling.Bicubic)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaximumSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(resizeTo, size);
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(std);
        if (mean.Count != 3 || std.Count != 3)
            throw new ArgumentException("A mean and a standard deviation are wanted for each of red, green and blue.", nameof(mean));
        if (!mean.All(float.IsFinite) || !std.All(value => float.IsFinite(value) && value > 0))
            throw new ArgumentException("The means must be finite, and the standard deviations above 0.", nameof(mean));
        Size = size;
        ResizeTo = resizeTo;
        Squash = squash;
        _mean = [.. mean];
        _std = [.. std];
        Rounding = rounding;
        Resampling = resampling;
        for (var i = 0; i < _normalized.Length; i++)
            _normalized[i] = (((i & 255) / 255f) - _mean[i >> 8]) / _std[i >> 8];
    }

    /// <summary>The mean of red, green and blue that OpenAI's CLIP was trained with.</summary>
    public static IReadOnlyList<float> OpenAIMean { get; } = [0.48145466f, 0.4578275f, 0.40821073f];

    /// <summary>The standard deviation of red, green and blue that OpenAI's CLIP was trained with.</summary>
    public static IReadOnlyList<float> OpenAIStd { get; } = [0.26862954f, 0.26130258f, 0.27577711f];

    /// <summary>The largest <see cref="Size"/>.</summary>
    public const int MaximumSize = 4096;

    /// <summary>The side of the square in pixels.</summary>
    public int Size { get; }

    /// <summary>Mean of red, green and blue, in 0..1.</summary>
    public IReadOnlyList<float> Mean => _mean;

    /// <summary>Standard deviation of red, green and blue.</summary>
    public IReadOnlyList<float> Std => _std;

    /// <summary>Where the crop begins when the margin is odd.</summary>
    public CropRounding Rounding { get; }

    /// <summary>What the shortest side is resized to; <see cref="Size"/> or more.</summary>
    internal int ResizeTo { get; }

    /// <summary>Both sides become <see cref="ResizeTo"/>, whatever shape the image has.</summary>
    internal bool Squash { get; }

    /// <summary>How pixels are made when an image is resized.</summary>
    internal Resampling Resampling { get; }

    /// <summary>
    /// The processor of a model's files: <c>preprocessor_config.json</c>, or else <c>open_clip_config.json</c>, or else what timm's
    /// <c>config.json</c> says, or else the defaults of the model's kind at the image size of <c>config.json</c>.
    /// </summary>
    /// <exception cref="InvalidInputException">None is there, or the one read is malformed or asks for what is not supported.</exception>
    public static ClipImageProcessor FromAssets(IReadOnlyDictionary<string, byte[]> assets)
    {
        ArgumentNullException.ThrowIfNull(assets);
        return PreprocessorConfig.Read(assets);
    }

    /// <summary>The settings as a <c>preprocessor_config.json</c> that transformers and <see cref="FromAssets"/> read.</summary>
    public byte[] ToJson() => PreprocessorConfig.Write(this);

    /// <summary>Resizes, crops and normalizes.</summary>
    /// <param name="image">Any size.</param>
    /// <param name="destination">[3, Size, Size]: red, green, blue planes.</param>
    /// <exception cref="InvalidInputException">The image is millions of pixels long on one side, and sides are not resized alike.</exception>
    public void Process(RgbImage image, Span<float> destination)
    {
        CheckLength(destination.Length, nameof(destination));
        var length = Size * Size * 3;
        var pooled = IsExact(image) ? null : ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var square = Square(image, pooled.AsSpan(0, pooled is null ? 0 : length));
            var plane = Size * Size;
            for (var channel = 0; channel < 3; channel++)
            {
                var values = _normalized.AsSpan(channel * 256, 256);
                var target = destination.Slice(channel * plane, plane);
                for (int i = 0, from = channel; i < target.Length; i++, from += 3)
                    target[i] = values[square[from]];
            }
        }
        finally
        {
            if (pooled is not null)
                ArrayPool<byte>.Shared.Return(pooled);
        }
    }

    /// <summary>Resizes and crops only: [3, Size, Size] bytes, red, green, blue planes.</summary>
    public byte[] ResizeAndCrop(RgbImage image)
    {
        var planes = new byte[Size * Size * 3];
        var square = Square(image, IsExact(image) ? [] : new byte[planes.Length]);
        var plane = Size * Size;
        for (int i = 0, from = 0; i < plane; i++, from += 3)
        {
            planes[i] = square[from];
            planes[plane + i] = square[from + 1];
            planes[(2 * plane) + i] = square[from + 2];
        }
        return planes;
    }

    /// <summary><c>(value / 255 - mean) / std</c> in float32 for bytes that <see cref="ResizeAndCrop"/> gave.</summary>
    /// <param name="chw">[3, Size, Size].</param>
    /// <param name="dst">[3, Size, Size].</param>
    public void Normalize(ReadOnlySpan<byte> chw, Span<float> dst)
    {
        CheckLength(chw.Length, nameof(chw));
        CheckLength(dst.Length, nameof(dst));
        var plane = Size * Size;
        for (var channel = 0; channel < 3; channel++)
        {
            var values = _normalized.AsSpan(channel * 256, 256);
            var source = chw.Slice(channel * plane, plane);
            var target = dst.Slice(channel * plane, plane);
            for (var i = 0; i < source.Length; i++)
                target[i] = values[source[i]];
        }
    }

    private bool IsExact(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return image.Width == Size && image.Height == Size && ResizeTo == Size;
    }

    /// <summary>The square's pixels, three bytes each: the image's own when it has the size, else in the buffer.</summary>
    private ReadOnlySpan<byte> Square(RgbImage image, Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return image.Pixels;
        long shortest = Math.Min(image.Width, image.Height);
        var width = Squash ? ResizeTo : ResizeTo * (long)image.Width / shortest;
        var height = Squash ? ResizeTo : ResizeTo * (long)image.Height / shortest;
        PillowResize.Window(image, width, height, Margin(width), Margin(height), Size, Size, buffer, Resampling);
        return buffer;
    }

    private long Margin(long length)
    {
        var spare = length - Size;
        return Rounding == CropRounding.HuggingFace ? spare / 2 : (long)Math.Round(spare / 2.0, MidpointRounding.ToEven);
    }

    private void CheckLength(int length, string name)
    {
        if (length != 3 * Size * Size)
            throw new ArgumentException($"{length} values for [3, {Size}, {Size}].", name);
    }
}
