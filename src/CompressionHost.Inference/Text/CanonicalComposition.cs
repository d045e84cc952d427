using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace CompressionHost.Inference;

/// <summary>
/// Unicode normalization form C (UAX #15). <see cref="string.Normalize()"/> leaves a string as it is under invariant globalization,
/// which is how this library is meant to run (no ICU to ship), and token ids must not depend on that setting.
/// </summary>
internal static class CanonicalComposition
{
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28, Syllables = Leads * Vowels * Tails;

    // No character below the first combining mark decomposes into or composes with anything by itself.
    private const char FirstCombiningMark = '\u0300';

    private static readonly Tables Data = Tables.Load();

    /// <summary>The text in form C; the same instance when every character is below U+0300. Lone surrogates become U+FFFD.</summary>
    public static string Compose(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange(FirstCombiningMark, char.MaxValue) < 0)
            return text;
        var scalars = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, scalars);
        Reorder(scalars);
        Recompose(scalars);
        var composed = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (var scalar in scalars)
            composed.Append(units[..new Rune(scalar).EncodeToUtf16(units)]);
        return composed.ToString();
    }

    /// <summary>Adds the scalars that one decomposes into, in form D but for the order of marks.</summary>
    public static void Decompose(int scalar, List<int> destination)
    {
        if (scalar is >= SyllableBase and < SyllableBase + Syllables)
        {
            var index = scalar - SyllableBase;
            destination.Add(LeadBase + (index / (Vowels * Tails)));
            destination.Add(VowelBase + (index % (Vowels * Tails) / Tails));
            if (index % Tails != 0)
                destination.Add(TailBase + (index % Tails));
        }
        else if (scalar >= 0xC0 && Data.Decompositions.TryGetValue(scalar, out var parts))
        {
            Decompose(parts.First, destination);
            if (parts.Second != 0)
                destination.Add(parts.Second);
        }
        else
        {
            destination.Add(scalar);
        }
    }

    /// <summary>Sorts each run of combining marks by class, stably.</summary>
    private static void Reorder(List<int> scalars)
    {
        for (var start = 0; start < scalars.Count; start++)
        {
            if (ClassOf(scalars[start]) == 0)
                continue;
            var end = start + 1;
            while (end < scalars.Count && ClassOf(scalars[end]) != 0)
                end++;
            if (end - start > 1)
            {
                var sorted = scalars.GetRange(start, end - start).OrderBy(ClassOf).ToArray();
                for (var i = 0; i < sorted.Length; i++)
                    scalars[start + i] = sorted[i];
            }
            start = end;
        }
    }

    private static void Recompose(List<int> scalars)
    {
        int starter = -1, written = 0;
        byte lastClass = 0;
        for (var read = 0; read < scalars.Count; read++)
        {
            var scalar = scalars[read];
            var combiningClass = ClassOf(scalar);
            // A mark is blocked when one of its own class or higher stands between it and the starter.
            if (starter >= 0 && (starter == written - 1 || lastClass < combiningClass) && TryCompose(scalars[starter], scalar, out var composite))
            {
                scalars[starter] = composite;
                continue;
            }
            if (combiningClass == 0)
                starter = written;
            lastClass = combiningClass;
            scalars[written++] = scalar;
        }
        scalars.RemoveRange(written, scalars.Count - written);
    }

    private static bool TryCompose(int first, int second, out int composite)
    {
        if (first is >= LeadBase and < LeadBase + Leads && second is >= VowelBase and < VowelBase + Vowels)
        {
            composite = SyllableBase + ((((first - LeadBase) * Vowels) + second - VowelBase) * Tails);
            return true;
        }
        if (first is >= SyllableBase and < SyllableBase + Syllables && (first - SyllableBase) % Tails == 0
            && second is > TailBase and < TailBase + Tails)
        {
            composite = first + second - TailBase;
            return true;
        }
        return Data.Compositions.TryGetValue((first, second), out composite);
    }

    private static byte ClassOf(int scalar) =>
        scalar < FirstCombiningMark ? (byte)0 : Data.Classes.GetValueOrDefault(scalar);

    private sealed record Tables(
        FrozenDictionary<int, (int First, int Second)> Decompositions,
        FrozenDictionary<(int First, int Second), int> Compositions,
        FrozenDictionary<int, byte> Classes)
    {
        public static Tables Load()
        {
            using var stream = typeof(CanonicalComposition).Assembly.GetManifestResourceStream("CanonicalMappings.txt")!;
            using var reader = new StreamReader(stream);
            var decompositions = new Dictionary<int, (int, int)>();
            var compositions = new Dictionary<(int, int), int>();
            var classes = new Dictionary<int, byte>();
            while (reader.ReadLine() is { } line)
            {
                if (line.StartsWith('#'))
                    continue;
                foreach (var entry in line.Split(' '))
                {
                    var sign = entry.IndexOfAny(['=', '>', '/']);
                    if (entry[sign] == '/')
                    {
                        var range = entry[..sign].Split('-');
                        for (var scalar = Scalar(range[0]); scalar <= Scalar(range[^1]); scalar++)
                            classes.Add(scalar, byte.Parse(entry.AsSpan(sign + 1), CultureInfo.InvariantCulture));
                        continue;
                    }
                    var parts = entry[(sign + 1)..].Split('+');
                    var pair = (Scalar(parts[0]), parts.Length > 1 ? Scalar(parts[1]) : 0);
                    decompositions.Add(Scalar(entry[..sign]), pair);
                    if (entry[sign] == '=')
                        compositions.Add(pair, Scalar(entry[..sign]));
                }
            }
            return new Tables(decompositions.ToFrozenDictionary(), compositions.ToFrozenDictionary(), classes.ToFrozenDictionary());
        }

        private static int Scalar(string hex) => int.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
