using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>
/// Resampling with the arithmetic of Pillow's <c>Image.resize</c>: bicubic with a = -0.5 or bilinear, antialiased when shrinking, two passes (columns first,
/// then rows) in 22-bit fixed point, rounded to 8 bits in between. CLIP's accuracy was measured with it, and results are equal bit for bit.
/// </summary>
public static class PillowResize
{
    private const int PrecisionBits = 22;
    private const int Half = 1 << (PrecisionBits - 1);

    // Bytes between the passes, and weights of an axis. Only a side of millions of pixels made a few hundred reaches them.
    private const long MaximumBetween = 1 << 30;
    private const long MaximumWeights = 1 << 24;

    /// <summary>The image at another size.</summary>
    /// <param name="image">The source; given back itself when it already has the size.</param>
    /// <param name="width">Pixels in a row of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <exception cref="InvalidInputException">The image is too long on one side to be shrunk so far.</exception>
    public static RgbImage Bicubic(RgbImage image, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (width == image.Width && height == image.Height)
            return image;
        var pixels = new byte[checked(width * height * 3)];
        Window(image, width, height, 0, 0, width, height, pixels);
        return new RgbImage(width, height, pixels);
    }

    /// <summary>
    /// A window of the image resized to <paramref name="fullWidth"/> x <paramref name="fullHeight"/>, without computing the rest, so that an image a
    /// thousand times wider than high costs no more than another.
    /// </summary>
    /// <param name="image">The source.</param>
    /// <param name="fullWidth">Width of the whole result.</param>
    /// <param name="fullHeight">Height of the whole result.</param>
    /// <param name="left">First column of the window.</param>
    /// <param name="top">First row of the window.</param>
    /// <param name="width">Columns of the window.</param>
    /// <param name="height">Rows of the window.</param>
    /// <param name="destination">height x width x 3 bytes.</param>
    /// <param name="resampling">The filter.</param>
    internal static void Window(
        RgbImage image, long fullWidth, long fullHeight, long left, long top, int width, int height, Span<byte> destination, Resampling resampling = Resampling.Bicubic)
    {
        var columns = Filter.Create(image.Width, fullWidth, left, width, resampling);
        var rows = Filter.Create(image.Height, fullHeight, top, height, resampling);
        var firstRow = rows.Starts[0];
        var usedRows = rows.Starts[^1] + rows.Counts[^1] - firstRow;
        var stride = width * 3;
        if ((long)usedRows * stride > MaximumBetween)
            throw TooLong(image.Height, fullHeight);
        var between = ArrayPool<byte>.Shared.Rent(usedRows * stride);
        try
        {
            for (var y = 0; y < usedRows; y++)
                Across(image.Pixels.AsSpan((firstRow + y) * image.Width * 3), columns, between.AsSpan(y * stride, stride));
            var sums = new int[stride];
            for (var y = 0; y < height; y++)
            {
                var source = between.AsSpan((rows.Starts[y] - firstRow) * stride, rows.Counts[y] * stride);
                Down(source, rows.Weights.AsSpan(y * rows.Taps, rows.Counts[y]), sums, destination.Slice(y * stride, stride));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(between);
        }
    }

    private static void Across(ReadOnlySpan<byte> source, Filter filter, Span<byte> destination)
    {
        if (filter.IsCopy)
        {
            source.Slice(filter.Starts[0] * 3, destination.Length).CopyTo(destination);
            return;
        }
        for (var x = 0; x < filter.Starts.Length; x++)
        {
            var sums = Vector128.Create(Half);
            var pixels = source[(filter.Starts[x] * 3)..];
            foreach (var weight in filter.Weights.AsSpan(x * filter.Taps, filter.Counts[x]))
            {
                // Three bytes and the next pixel's first, which is not used; the image's last pixel has none after it.
                var packed = pixels.Length > 3 ? BinaryPrimitives.ReadUInt32LittleEndian(pixels) : pixels[0] | ((uint)pixels[1] << 8) | ((uint)pixels[2] << 16);
                var shorts = Vector128.WidenLower(Vector128.CreateScalar(packed).AsByte());
                sums += Vector128.WidenLower(shorts).AsInt32() * weight;
                pixels = pixels[3..];
            }
            destination[x * 3] = Clip(sums[0]);
            destination[(x * 3) + 1] = Clip(sums[1]);
            destination[(x * 3) + 2] = Clip(sums[2]);
        }
    }

    private static void Down(ReadOnlySpan<byte> source, ReadOnlySpan<int> weights, Span<int> sums, Span<byte> destination)
    {
        sums.Fill(Half);
        foreach (var weight in weights)
        {
            var i = 0;
            for (; i <= sums.Length - 8; i += 8)
            {
                var shorts = Vector128.WidenLower(Vector128.CreateScalar(BinaryPrimitives.ReadUInt64LittleEndian(source[i..])).AsByte());
                var (low, high) = Vector128.Widen(shorts);
                Span<int> low4 = sums.Slice(i, 4), high4 = sums.Slice(i + 4, 4);
                (Vector128.Create<int>(low4) + (low.AsInt32() * weight)).CopyTo(low4);
                (Vector128.Create<int>(high4) + (high.AsInt32() * weight)).CopyTo(high4);
            }
            for (; i < sums.Length; i++)
                sums[i] += source[i] * weight;
            source = source[sums.Length..];
        }
        for (var i = 0; i < sums.Length; i++)
            destination[i] = Clip(sums[i]);
    }

    private static InvalidInputException TooLong(int input, long output) =>
        new($"An image {input:N0} pixels long on one side cannot be resized to {output:N0}. Cut it to a part first.");

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> PrecisionBits, 0, 255);

    /// <summary>The weights of each output position of one axis: <c>Counts[i]</c> of them from input <c>Starts[i]</c> on.</summary>
    private sealed record Filter(int[] Starts, int[] Counts, int[] Weights, int Taps, bool IsCopy)
    {
        public static Filter Create(int input, long output, long first, int count, Resampling resampling)
        {
            if (input == output)
                return Copy((int)first, count);
            var scale = (double)input / output;
            var stretch = Math.Max(scale, 1);
            var support = ResamplingKernel.Support(resampling) * stretch;
            var taps = ((int)Math.Ceiling(support) * 2) + 1;
            if ((long)taps * count > MaximumWeights)
                throw TooLong(input, output);
            var filter = new Filter(new int[count], new int[count], new int[count * taps], taps, false);
            Span<double> exact = taps <= 256 ? stackalloc double[taps] : new double[taps];
            for (var i = 0; i < count; i++)
                filter.Fill(i, (first + i + 0.5) * scale, support, 1 / stretch, input, exact, resampling);
            return filter;
        }

        private static Filter Copy(int first, int count)
        {
            var filter = new Filter(new int[count], new int[count], new int[count], 1, true);
            for (var i = 0; i < count; i++)
                (filter.Starts[i], filter.Counts[i], filter.Weights[i]) = (first + i, 1, 1 << PrecisionBits);
            return filter;
        }

        private void Fill(int position, double center, double support, double shrink, int input, Span<double> exact, Resampling resampling)
        {
            var start = Math.Max((int)(center - support + 0.5), 0);
            var length = Math.Min((int)(center + support + 0.5), input) - start;
            var sum = 0.0;
            for (var i = 0; i < length; i++)
                sum += exact[i] = ResamplingKernel.Weight(resampling, (i + start - center + 0.5) * shrink);
            for (var i = 0; i < length; i++)
            {
                var weight = (sum == 0 ? exact[i] : exact[i] / sum) * (1 << PrecisionBits);
                Weights[(position * Taps) + i] = (int)(weight < 0 ? weight - 0.5 : weight + 0.5);
            }
            Starts[position] = start;
            Counts[position] = length;
        }
    }
}
