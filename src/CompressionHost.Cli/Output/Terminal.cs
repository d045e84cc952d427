using System.Globalization;
using System.Text.RegularExpressions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CompressionHost.Cli;

/// <summary>Standard output and error as Spectre sees them: no escape sequence where they are redirected, no colour under NO_COLOR.</summary>
internal static partial class Terminal
{
    /// <summary>Wide enough that a redirected table never wraps.</summary>
    private const int Unbounded = 10_000;

    /// <summary>Spaces between columns.</summary>
    public const int Gap = 2;

    /// <summary>Terminals narrower than this do not exist; a smaller COLUMNS is a mistake.</summary>
    private const int LeastColumns = 20;

    private static bool NoColor => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Whether standard error can show a live display.</summary>
    public static bool ErrorIsLive(IAnsiConsole error) => !Console.IsErrorRedirected && error.Profile.Capabilities.Ansi && error.Profile.Height > 8;

    /// <summary>
    /// Columns of standard output: of the terminal; where it is redirected, of COLUMNS if that is in the environment, else as many as it takes: what
    /// reads a pipe may look for a whole name.
    /// </summary>
    public static int Width => !Console.IsOutputRedirected ? Open(Console.Out, redirected: false).Profile.Width
        : int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var columns) && columns >= LeastColumns ? columns
        : Unbounded;

    /// <summary>Standard error.</summary>
    public static IAnsiConsole OpenError() => Open(Console.Error, Console.IsErrorRedirected);

    /// <summary>Writes something to standard output: fitted to a terminal, else as wide as it wants to be and without trailing spaces.</summary>
    public static void Print(IRenderable renderable)
    {
        if (!Console.IsOutputRedirected)
        {
            Open(Console.Out, redirected: false).Write(renderable);
            return;
        }
        var text = new StringWriter();
        Open(text, redirected: true).Write(renderable);
        Console.Out.Write(TrailingSpaces().Replace(text.ToString(), ""));
    }

    /// <summary>A table without lines, whose first row is its heads; a head that begins with <c>&gt;</c> aligns its column right.</summary>
    public static Table NewTable(params IReadOnlyList<string> heads)
    {
        var table = new Table { Border = TableBorder.None };
        for (var i = 0; i < heads.Count; i++)
        {
            var right = heads[i].StartsWith('>');
            var column = new TableColumn(new Text(right ? heads[i][1..] : heads[i], new Style(decoration: Decoration.Bold)))
            {
                Alignment = right ? Justify.Right : Justify.Left,
                Padding = new Padding(0, 0, i == heads.Count - 1 ? 0 : Gap, 0),
                NoWrap = right,
            };
            table.AddColumn(column);
        }
        return table;
    }

    /// <summary>A table of labels and what belongs to them.</summary>
    public static Table NewFacts()
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumn(new TableColumn("") { NoWrap = true, Padding = new Padding(0, 0, Gap, 0) });
        table.AddColumn(new TableColumn("") { Padding = new Padding(0) });
        return table;
    }

    /// <summary>Adds a row of plain texts.</summary>
    public static void Row(this Table table, params IEnumerable<string> cells) => table.AddRow(cells.Select(c => (IRenderable)new Text(c)));

    private static IAnsiConsole Open(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected || NoColor ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
        });
        if (redirected)
            console.Profile.Width = Unbounded;
        return console;
    }

    [GeneratedRegex(@"[ \t]+(?=\r?\n|$)")]
    private static partial Regex TrailingSpaces();
}
