namespace CompressionHost.Recipes;

/// <summary>Patterns over names: <c>*</c> is any characters, dots and slashes included, or none; <c>?</c> is one character.</summary>
public static class Globs
{
    /// <summary>Whether the whole of <paramref name="name"/> matches. Case matters. Takes at most the product of the two lengths.</summary>
    public static bool IsMatch(string pattern, string name)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(name);
        var (p, n, star, resume) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
                (star, resume, p) = (p, n, p + 1);
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n]))
                (p, n) = (p + 1, n + 1);
            else if (star >= 0)
                // Only the last star need be reconsidered: whatever an earlier one could take, it can take too.
                (p, resume, n) = (star + 1, resume + 1, resume + 1);
            else
                return false;
        }
        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }

    /// <summary>The fewest edits of literal characters after which the pattern would match the name; stars are free.</summary>
    internal static int Distance(string pattern, string name)
    {
        var last = new int[name.Length + 1];
        var current = new int[name.Length + 1];
        for (var j = 0; j <= name.Length; j++)
            last[j] = j;
        foreach (var c in pattern)
        {
            current[0] = last[0] + (c == '*' ? 0 : 1);
            for (var j = 1; j <= name.Length; j++)
            {
                current[j] = c == '*'
                    ? Math.Min(last[j], current[j - 1])
                    : Math.Min(Math.Min(last[j], current[j - 1]) + 1, last[j - 1] + (c == '?' || c == name[j - 1] ? 0 : 1));
            }
            (last, current) = (current, last);
        }
        return last[name.Length];
    }
}
