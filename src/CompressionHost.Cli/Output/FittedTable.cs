using Spectre.Console;

namespace CompressionHost.Cli;

/// <summary>
/// A table with columns of names that are shortened where it would be wider than the terminal. A row that wraps is hard to read, and of a long
/// name it is usually one end that says which it is.
/// </summary>
/// <param name="heads">Heads as <see cref="Terminal.NewTable"/> takes them; one that begins with <c>&lt;</c> or <c>~</c> may be cut at its left or right end.</param>
internal sealed class FittedTable(params IReadOnlyList<string> heads)
{
    private const char CutLeft = '<';
    private const char CutRight = '~';
    private const int Least = 12;
    private const string Ellipsis = "…";

    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row.</summary>
    public void Row(params string[] cells) => _rows.Add(cells);

    /// <summary>The table in at most that many columns, if its names can give way so far.</summary>
    public Table Fit(int width)
    {
        var widths = heads.Select((h, c) => _rows.Select(r => r[c].Length).Append(Title(h).Length).Max()).ToArray();
        for (var excess = widths.Sum() + (heads.Count - 1) * Terminal.Gap - width; excess > 0; excess--)
        {
            // The widest gives way first, so that two long columns end up alike.
            var widest = Enumerable.Range(0, heads.Count).Where(c => MayCut(heads[c]) && widths[c] > Least).MaxBy(c => (int?)widths[c]);
            if (!MayCut(heads[widest]) || widths[widest] <= Least)
                break;
            widths[widest]--;
        }
        var table = Terminal.NewTable([.. heads.Select(h => MayCut(h) ? Title(h) : h)]);
        foreach (var row in _rows)
            table.Row(row.Select((cell, c) => MayCut(heads[c]) ? Cut(cell, widths[c], heads[c][0]) : cell));
        return table;
    }

    private static bool MayCut(string head) => head[0] is CutLeft or CutRight;

    private static string Title(string head) => MayCut(head) || head[0] == '>' ? head[1..] : head;

    private static string Cut(string cell, int width, char side)
    {
        if (cell.Length <= width)
            return cell;
        return side == CutLeft ? Ellipsis + cell[^(width - 1)..] : cell[..(width - 1)] + Ellipsis;
    }
}
