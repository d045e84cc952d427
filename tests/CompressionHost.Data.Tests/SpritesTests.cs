using System.Security.Cryptography;
using CompressionHost.Abstractions;
using CompressionHost.Plugins.Data;
using FsCheck.Xunit;

namespace CompressionHost.Data.Tests;

public sealed class SpritesTests
{
    private static readonly SpriteSplit[] Splits = Enum.GetValues<SpriteSplit>();

    [Fact]
    public void Every_composition_belongs_to_one_split_and_ids_are_a_bijection()
    {
        var all = Enumerable.Range(0, SpriteComposition.Total).Select(SpriteComposition.Of).ToArray();
        Assert.Equal(4608, all.Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 4608), all.Select(c => c.Id));
        var shares = Splits.Select(s => all.Count(c => c.Split == s) / 4608.0).ToArray();
        Assert.Equal([0.7, 0.1, 0.2], shares.Select(s => Math.Round(s, 1)));
    }

    [Fact]
    public void Every_attribute_and_every_class_is_in_every_split()
    {
        foreach (var split in Splits)
        {
            var members = Enumerable.Range(0, SpriteComposition.Total).Select(SpriteComposition.Of).Where(c => c.Split == split).ToArray();
            Assert.Equal(64, members.Select(c => (c.Shape, c.Color)).Distinct().Count());
            Assert.Equal(32, members.Select(c => (c.Shape, c.Texture)).Distinct().Count());
            Assert.Equal(18, members.Select(c => (c.Size, c.Position)).Distinct().Count());
        }
    }

    [Fact]
    public void Scenes_of_different_splits_share_no_composition_whatever_the_seeds()
    {
        var seen = Splits.Select(split =>
        {
            var set = new SpritesSet(new SpritesOptions { Split = split, Count = 3000, Seed = (int)split + 5, Pairs = 0.5 });
            return Enumerable.Range(0, set.Count).Select(set.Scene).SelectMany(s => new[] { s.Main.What, s.Other?.What ?? s.Main.What }).ToHashSet();
        }).ToArray();
        Assert.Empty(seen[0].Intersect(seen[1]));
        Assert.Empty(seen[0].Intersect(seen[2]));
        Assert.Empty(seen[1].Intersect(seen[2]));
        Assert.True(seen[0].Count > 1500, $"{seen[0].Count} training compositions");
    }

    [Property(MaxTest = 50)]
    public void A_sample_depends_on_seed_split_and_index_only(long seed, byte index)
    {
        using var few = Open(new SpritesOptions { Seed = seed, Count = 256 });
        using var many = Open(new SpritesOptions { Seed = seed, Count = 1_000_000 });
        many.Read(999_999);
        var (a, b) = (few.Read(index), many.Read(index));
        Assert.Equal(a.Image.Pixels, b.Image.Pixels);
        Assert.Equal(a.Texts, b.Texts);
        using var other = Open(new SpritesOptions { Seed = seed + 1, Count = 256 });
        Assert.NotEqual(a.Image.Pixels, other.Read(index).Image.Pixels);
    }

    [Fact]
    public void The_bytes_are_those_of_every_other_machine()
    {
        // Recorded once; a change here is a change of the data set, and needs a new version in its digest.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var data = Open(new SpritesOptions { Count = 200, Seed = 42 });
        for (var i = 0; i < data.Count; i++)
        {
            var sample = data.Read(i);
            hash.AppendData(sample.Image.Pixels);
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', sample.Texts)));
        }
        Assert.Equal("6a9d761b7bc001df7837a13ed39ee7d5c5210b837a67140ddec12973f460d47b", Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [Fact]
    public void Captions_come_from_a_closed_vocabulary_and_tell_the_truth()
    {
        var set = new SpritesSet(new SpritesOptions { Count = 5000, Seed = 3 });
        var words = new HashSet<string>();
        for (var i = 0; i < set.Count; i++)
        {
            var scene = set.Scene(i);
            var texts = set.Read(i).Texts;
            Assert.Equal(3, texts.Count);
            var (main, other) = (scene.Main.What, scene.Other?.What);
            foreach (var text in texts)
            {
                words.UnionWith(text.Split(' '));
                Assert.Contains($"{Name(main)}", text, StringComparison.Ordinal);
                if (other is { } o)
                    Assert.True(text.IndexOf(Name(main), StringComparison.Ordinal) < text.IndexOf(Name(o), StringComparison.Ordinal), text);
                // No attribute that the scene lacks.
                foreach (var word in text.Split(' '))
                {
                    Assert.True(!SpriteAttributes.Textures.Contains(word) || Has(main, other, c => SpriteAttributes.Textures[c.Texture] == word), text);
                    Assert.True(word is not ("small" or "little") || Has(main, other, c => c.Size == 0), text);
                    Assert.True(!SpriteAttributes.Backgrounds.Contains(word) || SpriteAttributes.Backgrounds[scene.Background] == word, text);
                }
                Assert.True(!text.Contains("left of", StringComparison.Ordinal) || main.Position == 3, text);
                Assert.True(!(text.Contains("above", StringComparison.Ordinal) || text.Contains("over", StringComparison.Ordinal)) || main.Position == 1, text);
            }
            Assert.Contains("background", texts[0], StringComparison.Ordinal);
            Assert.Contains(SpriteAttributes.Textures[main.Texture], texts[0], StringComparison.Ordinal);
        }
        Assert.InRange(words.Count, 50, 80);
        Assert.Equal(words, [.. set.Texts().SelectMany(t => t.Split(' '))]);
    }

    [Theory]
    [InlineData(SpriteLabels.Object, 64)]
    [InlineData(SpriteLabels.Shape, 8)]
    [InlineData(SpriteLabels.Color, 8)]
    [InlineData(SpriteLabels.Texture, 4)]
    public void Labels_name_the_one_object_and_are_balanced(SpriteLabels labels, int classes)
    {
        var set = new SpritesSet(new SpritesOptions { Labels = labels, Split = SpriteSplit.Test, Count = 4000 });
        Assert.Equal(classes, set.ClassNames.Distinct().Count());
        var counts = new int[classes];
        for (var i = 0; i < set.Count; i++)
        {
            var scene = set.Scene(i);
            Assert.Null(scene.Other);
            var label = set.Read(i).Label!.Value;
            counts[label]++;
            var what = scene.Main.What;
            var name = labels switch
            {
                SpriteLabels.Object => Name(what),
                SpriteLabels.Shape => SpriteAttributes.Shapes[what.Shape],
                SpriteLabels.Color => SpriteAttributes.Colors[what.Color],
                _ => SpriteAttributes.Textures[what.Texture],
            };
            Assert.Equal(name, set.ClassNames[label]);
        }
        Assert.All(counts, c => Assert.InRange(c, 4000 / classes * 0.4, 4000 / classes * 1.7));
        Assert.Equal(set.ClassNames.Count * set.Templates.Count, set.Texts().Distinct().Count());
    }

    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(97)]
    public void The_object_is_where_and_what_the_scene_says(int size)
    {
        var set = new SpritesSet(new SpritesOptions { Image = size, Count = 300, Pairs = 0, Noise = 0 });
        for (var i = 0; i < set.Count; i++)
        {
            var scene = set.Scene(i);
            var pixels = set.Read(i).Image.Pixels;
            // The centre of mass of what differs from the empty background lies at the object's position.
            var empty = SpriteRasterizer.Paint(scene with { Main = scene.Main with { Scale = 1 } }, size).Pixels;
            double x = 0, y = 0, n = 0;
            for (var p = 0; p < size * size; p++)
            {
                if (pixels.AsSpan(3 * p, 3).SequenceEqual(empty.AsSpan(3 * p, 3)))
                    continue;
                (x, y, n) = (x + p % size + 0.5, y + p / size + 0.5, n + 1);
            }
            Assert.True(n > size * size * 0.01, $"scene {i} shows {n} pixels");
            var position = scene.Main.What.Position;
            Assert.InRange(x / n / size, 0.26 + 0.24 * (position % 3) - 0.09, 0.26 + 0.24 * (position % 3) + 0.09);
            Assert.InRange(y / n / size, 0.26 + 0.24 * (position / 3) - 0.09, 0.26 + 0.24 * (position / 3) + 0.09);
        }
    }

    [Fact]
    public void The_digest_follows_every_option()
    {
        SpritesOptions[] options =
        [
            new(), new() { Image = 64 }, new() { Count = 9 }, new() { Seed = 1 }, new() { Split = SpriteSplit.Test }, new() { Labels = SpriteLabels.Shape },
            new() { Labels = SpriteLabels.Shape, Templates = ["{c}"] }, new() { Captions = 1 }, new() { Detail = SpriteDetail.Full }, new() { Pairs = 0.1 }, new() { Noise = 1 },
        ];
        Assert.Equal(options.Length, options.Select(o => Open(o).Digest()).Distinct().Count());
        Assert.Equal(Open(new()).Digest(), Open(new()).Digest());
    }

    private static string Name(SpriteComposition what) => $"{SpriteAttributes.Colors[what.Color]} {SpriteAttributes.Shapes[what.Shape]}";

    private static bool Has(SpriteComposition main, SpriteComposition? other, Func<SpriteComposition, bool> what) => what(main) || (other is { } o && what(o));

    private static IDataSet Open(SpritesOptions options) => new SpritesSource(options).Open(TestContext.Current.CancellationToken);
}
