using System.Text.RegularExpressions;
using CompressionHost.Tensors;

namespace CompressionHost.Hub;

/// <summary>A model on the hub, <c>hf:owner/name</c> or <c>hf:owner/name@revision</c>: a branch, a tag, a pull request (<c>refs/pr/1</c>) or a commit.</summary>
public sealed partial record HubReference
{
    private const string DefaultRevision = "main";
    private const int LongestRevision = 200;

    private HubReference(string owner, string name, string revision) => (Owner, Name, Revision) = (owner, name, revision);

    /// <summary>What every reference begins with.</summary>
    public const string Scheme = "hf:";

    /// <summary>The user or organization.</summary>
    public string Owner { get; }

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>The revision; <c>main</c> where none was given.</summary>
    public string Revision { get; }

    /// <summary>Whether the revision is a commit, which never changes.</summary>
    public bool IsPinned => IsCommit(Revision);

    /// <summary>Whether a text is meant as a reference.</summary>
    public static bool IsReference(string text) => text is not null && text.StartsWith(Scheme, StringComparison.Ordinal);

    /// <summary>Reads a reference.</summary>
    /// <exception cref="InvalidInputException">It is not of that form.</exception>
    public static HubReference Parse(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        var match = Form().Match(text);
        var revision = match.Groups["revision"] is { Success: true } given ? given.Value : DefaultRevision;
        var parts = revision.Split('/');
        // They become folders and parts of addresses.
        var isSafe = match.Success && !match.Groups["owner"].Value.Contains("..", StringComparison.Ordinal) && !match.Groups["name"].Value.Contains("..", StringComparison.Ordinal)
            && revision.Length <= LongestRevision && parts.All(p => p.Length > 0 && p[0] != '.' && !p.Contains("..", StringComparison.Ordinal));
        return isSafe
            ? new HubReference(match.Groups["owner"].Value, match.Groups["name"].Value, revision)
            : throw new InvalidInputException($"'{text}' names no model of the hub; write hf:owner/name or hf:owner/name@revision, such as hf:openai/clip-vit-base-patch32@main.");
    }

    /// <summary>The same model at a commit.</summary>
    public HubReference At(string commit) => new(Owner, Name, commit);

    /// <inheritdoc/>
    public override string ToString() => Revision == DefaultRevision ? $"{Scheme}{Owner}/{Name}" : $"{Scheme}{Owner}/{Name}@{Revision}";

    /// <summary>Whether a text is a commit: 40 lower-case hexadecimal digits.</summary>
    internal static bool IsCommit(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigitLower);

    [GeneratedRegex(@"\Ahf:(?<owner>[A-Za-z0-9][A-Za-z0-9._-]{0,95})/(?<name>[A-Za-z0-9_][A-Za-z0-9._-]{0,95})(@(?<revision>[A-Za-z0-9._/-]+))?\z")]
    private static partial Regex Form();
}
