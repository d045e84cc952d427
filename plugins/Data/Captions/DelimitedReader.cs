using System.Text;
using CompressionHost.Tensors;
using nietras.SeparatedValues;

namespace CompressionHost.Plugins.Data;

/// <summary>Reads the rows of .csv (RFC 4180: quoted fields may hold commas, quotes and line breaks) and .tsv.</summary>
internal static class DelimitedReader
{
    /// <exception cref="InvalidInputException">A row is malformed or a column is missing; names the line.</exception>
    public static IEnumerable<CaptionRow> Read(CaptionsOptions options, char separator)
    {
        var path = options.Path;
        using var text = new StreamReader(path, TextFiles.StrictUtf8);
        using var reader = Guard(path, 1, () => Sep.New(separator).Reader(o => o with { Unescape = true, DisableColCountCheck = true }).From(text));
        var columns = reader.Header.ColNames;
        if (columns.Count == 0)
            throw new InvalidInputException($"{path} is empty; its first line names the columns.", path);
        var (imageName, textName) = CaptionColumns.Choose(options, columns, path);
        var (image, caption) = (reader.Header.IndexOf(imageName), reader.Header.IndexOf(textName));
        var line = 1;
        while (Guard(path, line + 1, reader.MoveNext))
        {
            var row = reader.Current;
            line = row.LineNumberToExcl - 1;
            // Counted before a field is read, since reading unescapes it in place.
            if (row.Span.Count('"') % 2 != 0)
                throw new InvalidInputException($"{path}, line {row.LineNumberFrom}: a quoted field is not closed; write a quote inside a field as two.", path);
            if (row.Span.IsEmpty)
                continue;
            if (row.ColCount != columns.Count)
            {
                throw new InvalidInputException(
                    $"{path}, line {row.LineNumberFrom}: {row.ColCount} fields where the first line names {columns.Count} columns; put fields that hold a {(separator == '\t' ? "tab" : "comma")} in quotes.", path);
            }
            yield return new CaptionRow(row[image].ToString(), row[caption].ToString(), row.LineNumberFrom);
        }
    }

    private static T Guard<T>(string path, int line, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidInputException($"{path}, at or after line {line}: not UTF-8 text; save the file as UTF-8.", path, e);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or ArgumentException)
        {
            throw new InvalidInputException($"{path}, line {line}: {e.Message}", path, e);
        }
    }
}
