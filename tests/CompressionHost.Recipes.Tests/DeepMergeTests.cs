using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace CompressionHost.Recipes.Tests;

public sealed class DeepMergeTests
{
    private static readonly Dictionary<ScalarNode, string> NoPaths = [];

    [Property(Arbitrary = [typeof(Trees)], MaxTest = 300)]
    public void Merging_a_recipe_with_itself_changes_nothing(Tree a) => Assert.Equal(Show(a.Map), Show(DeepMerge.Merge(a.Map, a.Map)));

    [Property(Arbitrary = [typeof(Trees)], MaxTest = 300)]
    public void Merging_with_nothing_changes_nothing(Tree a)
    {
        var nothing = new MapNode(default, "/", []);
        Assert.Equal(Show(a.Map), Show(DeepMerge.Merge(a.Map, nothing)));
        Assert.Equal(Show(a.Map), Show(DeepMerge.Merge(nothing, a.Map)));
    }

    [Property(Arbitrary = [typeof(Trees)], MaxTest = 300)]
    public void Keys_are_those_of_both_and_what_is_laid_over_wins(Tree under, Tree over)
    {
        var merged = DeepMerge.Merge(under.Map, over.Map);

        Assert.Equal(under.Map.Entries.Select(e => e.Key).Union(over.Map.Entries.Select(e => e.Key)).Order(), merged.Entries.Select(e => e.Key).Order());
        foreach (var entry in over.Map.Entries.Where(e => e.Value is not MapNode || under.Map.Value(e.Key) is not MapNode))
            Assert.Same(entry.Value, merged.Value(entry.Key));
        foreach (var entry in under.Map.Entries.Where(e => over.Map.Value(e.Key) is null))
            Assert.Same(entry.Value, merged.Value(entry.Key));
    }

    /// <remarks>
    /// Only where a key is a mapping in all three or in none: [a mapping] under [a value] under [a mapping] loses the first when merged
    /// from below and keeps it when merged from above. A chain of `extends` is always merged from below.
    /// </remarks>
    [Property(Arbitrary = [typeof(Trees)], MaxTest = 300)]
    public void Mappings_merge_in_any_grouping(Tree a, Tree b, Tree c)
    {
        var (x, y, z) = (a.Nested, b.Nested, c.Nested);
        Assert.Equal(Show(DeepMerge.Merge(DeepMerge.Merge(x, y), z)), Show(DeepMerge.Merge(x, DeepMerge.Merge(y, z))));
    }

    [Fact]
    public void Places_stay_those_of_the_files_that_wrote_them()
    {
        var under = Parse("a: { x: 1, y: 2 }", "base.yaml");
        var over = Parse("a: { y: 3 }", "own.yaml");

        var merged = (MapNode)DeepMerge.Merge(under, over).Value("a")!;

        Assert.Equal("base.yaml", merged.Value("x")!.Span.File);
        Assert.Equal("own.yaml", merged.Value("y")!.Span.File);
        Assert.Equal("own.yaml", merged.Find("y")!.Value.KeySpan.File);
    }

    [Fact]
    public void Another_stage_does_not_inherit_the_options_of_the_one_it_replaces()
    {
        var merged = DeepMerge.Merge(Parse("teacher: { use: a, model: x }", "b"), Parse("teacher: { use: b, path: z }", "o"));
        Assert.Equal("teacher:\n  use: b\n  path: z\n", Show(merged));

        var same = DeepMerge.Merge(Parse("teacher: { use: a, model: x }", "b"), Parse("teacher: { use: a, path: z }", "o"));
        Assert.Equal("teacher:\n  use: a\n  model: x\n  path: z\n", Show(same));
    }

    private static string Show(MapNode map) => CanonicalYaml.Write(map, NoPaths);

    private static MapNode Parse(string text, string file) => (MapNode)NodeParser.Parse(text, new RecipeSource(file, "/"), new DiagnosticBag())!;

    /// <summary>A tree of any shape, and one in which keys m, n are mappings and x, y, z never are.</summary>
    public sealed class Tree
    {
        internal Tree(MapNode map, MapNode nested) => (Map, Nested) = (map, nested);

        internal MapNode Map { get; }

        internal MapNode Nested { get; }

        public override string ToString() => Show(Map) + "---\n" + Show(Nested);
    }

    public static class Trees
    {
        public static Arbitrary<Tree> Tree() =>
            (from map in Any(3) from nested in Fixed(3) select new Tree(map, nested)).ToArbitrary();

        private static Gen<MapNode> Any(int depth) => Map(from key in Gen.Elements("a", "b", "c", "d") from value in Value(depth - 1) select (key, value));

        private static Gen<MapNode> Fixed(int depth) =>
            Map(from key in Gen.Elements(depth > 1 ? ["m", "n", "x", "y", "z"] : new[] { "x", "y", "z" })
                from value in key is "m" or "n" ? Fixed(depth - 1).Select(m => (Node)m) : Gen.OneOf(Scalar(), List())
                select (key, value));

        private static Gen<MapNode> Map(Gen<(string Key, Node Value)> entry) =>
            entry.ListOf().Select(list => new MapNode(default, "/", [.. list.Take(6).DistinctBy(e => e.Key).Select(e => new MapEntry(e.Key, default, e.Value))]));

        private static Gen<Node> Value(int depth) => depth == 0 ? Scalar() : Gen.OneOf(Scalar(), List(), Any(depth).Select(m => (Node)m));

        private static Gen<Node> Scalar() => Gen.Elements("1", "two", "true", "~").Select(text => (Node)new ScalarNode(default, "/", text, plain: true));

        private static Gen<Node> List() => Scalar().ListOf().Select(items => (Node)new ListNode(default, "/", [.. items.Take(3)]));
    }
}
