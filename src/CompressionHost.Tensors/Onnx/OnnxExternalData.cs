using System.Globalization;

namespace CompressionHost.Tensors;

/// <summary>Values that lie in a file beside the model.</summary>
internal static class OnnxExternalData
{
    /// <summary>Reads them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tensor">Name of the tensor, for messages.</param>
    /// <param name="range">Its message.</param>
    /// <param name="bytes">How many bytes its dimensions ask for.</param>
    /// <exception cref="InvalidInputException">The file is missing, too short or not in the model's folder.</exception>
    public static byte[] Read(OnnxFile model, string tensor, OnnxRange range, long bytes)
    {
        var (path, offset) = Locate(model, tensor, range, bytes);
        var values = new byte[bytes];
        using var handle = File.OpenHandle(path);
        for (long done = 0; done < bytes;)
        {
            var read = RandomAccess.Read(handle, values.AsSpan((int)done), offset + done);
            if (read == 0)
                throw Fault(model, tensor, $"needs {bytes} bytes at {offset} of '{path}', which has become shorter");
            done += read;
        }
        return values;
    }

    /// <summary>The file and where in it they begin; checked to be there, without reading.</summary>
    public static (string Path, long Offset) Locate(OnnxFile model, string tensor, OnnxRange range, long bytes)
    {
        string? location = null;
        var (offset, length) = (0L, bytes);
        var message = new ProtobufReader(model.Span(), range, model.Path);
        while (message.Next())
        {
            if (message.Field != 13)
                continue;
            var (key, value) = model.Pair(message.Message);
            switch (model.Text(key))
            {
                case "location":
                    location = model.Text(value);
                    break;
                case "offset":
                    offset = Number(model, tensor, "offset", model.Text(value));
                    break;
                case "length":
                    length = Number(model, tensor, "length", model.Text(value));
                    break;
                default:
                    break;
            }
        }
        if (length != bytes)
            throw Fault(model, tensor, $"has {length} bytes outside where its dimensions ask for {bytes}");
        var path = Resolve(model, tensor, location);
        if (!File.Exists(path))
            throw new InvalidInputException($"{model.Path}: the values of '{tensor}' are in '{path}', which is missing. Put it beside the model.", path);
        var stored = FileLength.Of(path);
        if (offset > stored || bytes > stored - offset || bytes > Array.MaxLength)
            throw Fault(model, tensor, $"needs {bytes} bytes at {offset} of '{path}', which has {stored}");
        return (path, offset);
    }

    // A model must not make a program read, and pack, whatever lies elsewhere on the disk.
    private static string Resolve(OnnxFile model, string tensor, string? location)
    {
        if (model.Folder is not { } folder)
            throw Fault(model, tensor, "has its values in another file, and this model is in memory");
        if (string.IsNullOrEmpty(location) || Path.IsPathRooted(location) || location.Contains('\\', StringComparison.Ordinal) || location.Split('/').Contains(".."))
            throw Fault(model, tensor, $"has its values in '{location}'; only a file in the model's own folder is read");
        var path = Path.GetFullPath(Path.Combine(folder, location));
        var real = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        return real.StartsWith(folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw Fault(model, tensor, $"has its values in '{location}', which leads out of the model's folder");
    }

    private static long Number(OnnxFile model, string tensor, string key, string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Fault(model, tensor, $"has '{value}' for the {key} of its values");

    private static InvalidInputException Fault(OnnxFile model, string tensor, string what) => model.Fault($"tensor '{tensor}' {what}");
}
