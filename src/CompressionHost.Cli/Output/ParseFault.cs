using System.CommandLine;
using System.CommandLine.Parsing;
using CompressionHost.Recipes;

namespace CompressionHost.Cli;

/// <summary>Says what is wrong with a command line that does not parse. The parser's first complaint counts; the others mostly follow from it.</summary>
internal static class ParseFault
{
    /// <summary>The fault in one sentence, with what was probably meant.</summary>
    public static string Describe(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        if (parse.UnmatchedTokens is [var token, ..])
        {
            var isOption = token.StartsWith('-');
            var what = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
            var known = isOption ? command.Options.Concat(parse.RootCommandResult.Command.Options).SelectMany(Names) : command.Subcommands.Where(c => !c.Hidden).SelectMany(Names);
            return Suggestion.For(token, known) is { } meant ? $"unknown {what} '{token}'; did you mean '{meant}'?" : $"unknown {what} '{token}'";
        }
        if (command.Subcommands.Count > 0)
            return $"no command given; there is {string.Join(", ", command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name))}";
        var error = parse.Errors[0];
        return error.SymbolResult switch
        {
            // The parser's own words for these repeat themselves.
            OptionResult { IdentifierTokenCount: 0 } option => $"option '{option.Option.Name}' is missing",
            OptionResult { Tokens.Count: 0 } option => $"option '{option.Option.Name}' needs a value",
            OptionResult { IdentifierTokenCount: > 1, Option.Arity.MaximumNumberOfValues: 1 } option => $"option '{option.Option.Name}' is given more than once",
            ArgumentResult { Tokens.Count: 0 } argument => $"{argument.Argument.Name} is missing",
            _ => error.Message,
        };
    }

    private static IEnumerable<string> Names(Option option) => [option.Name, .. option.Aliases];

    private static IEnumerable<string> Names(Command command) => [command.Name, .. command.Aliases];
}
