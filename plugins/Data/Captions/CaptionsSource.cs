using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Data;

/// <summary>The <c>captions</c> data source.</summary>
/// <param name="options">Which file, and how to read it.</param>
public sealed class CaptionsSource(CaptionsOptions options) : IDataSource
{
    private const int Named = 5;

    /// <inheritdoc/>
    public IDataSet Open(CancellationToken cancellationToken = default)
    {
        var path = options.Path;
        if (!File.Exists(path))
            throw new InvalidInputException($"There is no file {path}; 'path' is a .csv, .tsv or .jsonl file that lists images and captions.", path);
        var folder = Path.GetFullPath(options.Images ?? Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (!Directory.Exists(folder))
            throw new InvalidInputException($"There is no folder {folder} ('images').", folder);
        try
        {
            var samples = Group(folder, cancellationToken);
            if (samples.Count == 0)
                throw new InvalidInputException($"{path} lists no images.", path);
            RefuseMissing(samples, path, cancellationToken);
            return new CaptionsSet(folder, samples);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path} cannot be read: {e.Message}", path, e);
        }
    }

    private IEnumerable<CaptionRow> Rows() => Path.GetExtension(options.Path).ToLowerInvariant() switch
    {
        ".csv" => DelimitedReader.Read(options, ','),
        ".tsv" => DelimitedReader.Read(options, '\t'),
        ".jsonl" => JsonLinesReader.Read(options),
        var other => throw new InvalidInputException($"{options.Path}: '{other}' is not known; caption files end in .csv, .tsv or .jsonl.", options.Path),
    };

    private List<CaptionedImage> Group(string folder, CancellationToken cancellationToken)
    {
        var samples = new List<CaptionedImage>();
        var byPath = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var row in Rows())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var image = Resolve(folder, row);
            var caption = row.Text.Trim();
            if (caption.Length == 0)
                throw Bad(row, "the caption is empty");
            if (!byPath.TryGetValue(image, out var index))
            {
                byPath.Add(image, index = samples.Count);
                samples.Add(new CaptionedImage(image, [], row.Line));
            }
            samples[index].Captions.Add(caption);
        }
        return samples;
    }

    private string Resolve(string folder, CaptionRow row)
    {
        if (string.IsNullOrWhiteSpace(row.Image) || row.Image.Contains('\0', StringComparison.Ordinal))
            throw Bad(row, "the image's path is empty or has a NUL in it");
        var full = Path.GetFullPath(row.Image, folder);
        var inside = Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar;
        if (!options.AllowOutside && !full.StartsWith(inside, StringComparison.Ordinal))
            throw Bad(row, $"image '{row.Image}' lies outside {folder}; set 'images' to a folder above it, or 'allowOutside: true' if you trust the file");
        return full;
    }

    // A wrong 'images' is found here and not after the teacher is loaded; a few lost files are left to be skipped when they are read.
    private static void RefuseMissing(List<CaptionedImage> samples, string path, CancellationToken cancellationToken)
    {
        var missing = new List<CaptionedImage>();
        foreach (var sample in samples)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!File.Exists(sample.Path))
                missing.Add(sample);
        }
        if (missing.Count * 100L > samples.Count)
        {
            throw new InvalidInputException(
                $"{path}: {missing.Count} of {samples.Count} images do not exist: {string.Join(", ", missing.Take(Named).Select(m => $"{m.Path} (line {m.Line})"))}; is 'images' right?", path);
        }
    }

    private InvalidInputException Bad(CaptionRow row, string what) => new($"{options.Path}, line {row.Line}: {what}.", options.Path);
}
