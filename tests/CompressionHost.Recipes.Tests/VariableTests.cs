using CompressionHost.Abstractions;

namespace CompressionHost.Recipes.Tests;

public sealed class VariableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private EverythingOptions Options(string variables, string options)
    {
        var result = _folder.Read($"recipe: 1\nname: m\nteacher: {{ use: huggingface-clip, model: ./m }}\nvariables: {variables}\npack: [ {{ use: everything, {options} }} ]\n");
        Assert.Empty(result.Diagnostics);
        return (EverythingOptions)result.Recipe!.Pack[0].Options;
    }

    [Fact]
    public void A_whole_value_takes_the_type_of_the_variable()
    {
        Assert.Equal(5, Options("{ n: 5 }", "byte: \"${n}\"").Byte);
        Assert.Equal("5", Options("{ n: \"5\" }", "text: \"${n}\"").Text);
        Assert.True(Options("{ n: true }", "flag: \"${n}\"").Flag);
        Assert.Null(Options("{ n: null }", "maybe: \"${n}\"").Maybe);
        Assert.Equal(Extent.OfRun(0.25), Options("{ n: 25% }", "part: \"${n}\"").Part);
        Assert.Equal(["a", "b"], Options("{ n: [a, b] }", "words: \"${n}\"").Words);
        Assert.Equal(3, Options("{ n: { factor: 3 } }", "scale: \"${n}\"").Scale.Factor);
    }

    [Fact]
    public void A_part_of_a_text_is_inserted_as_text()
    {
        Assert.Equal("a-5-b", Options("{ n: 5, m: b }", "text: \"a-${n}-${m}\"").Text);
        Assert.Equal(0.5, Options("{ n: 5 }", "share: \"${n}0%\"").Share.Fraction);
        Assert.Equal("x y", Options("{ a: \"${b} y\", b: x }", "text: \"${a}\"").Text);
    }

    [Fact]
    public void Two_dollars_are_one_and_end_the_meaning()
    {
        Assert.Equal("${n}", Options("{}", "text: \"$${n}\"").Text);
        Assert.Equal("$5 {x} $", Options("{}", "text: \"$5 {x} $\"").Text);
        Assert.Equal("${5", Options("{ n: 5 }", "text: \"$${${n}\"").Text);
    }

    [Fact]
    public void A_literal_reference_survives_the_resolved_recipe()
    {
        var text = "recipe: 1\nname: m\nteacher: { use: huggingface-clip, model: ./m }\npack: [ { use: everything, text: \"a $${n} b\" } ]\n";

        var again = _folder.Read(_folder.Read(text).Recipe!.ResolvedYaml);

        Assert.Equal("a ${n} b", ((EverythingOptions)again.Recipe!.Pack[0].Options).Text);
    }

    [Fact]
    public void The_environment_is_read_by_name()
    {
        var home = Environment.GetEnvironmentVariable("PATH")!;
        Assert.Equal($"<{home}>", Options("{}", "text: \"<${env:PATH}>\"").Text);
    }

    [Fact]
    public void Variables_that_double_at_each_step_are_stopped()
    {
        var variables = string.Join(", ", Enumerable.Range(0, 40).Select(i => $"v{i}: \"${{v{i + 1}}}${{v{i + 1}}}\"").Append("v40: xxxxxxxx"));
        var lists = string.Join(", ", Enumerable.Range(0, 40).Select(i => $"v{i}: [\"${{v{i + 1}}}\", \"${{v{i + 1}}}\"]").Append("v40: xxxxxxxx"));

        foreach (var v in new[] { variables, lists })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var result = _folder.Read($"recipe: 1\nname: m\nteacher: {{ use: huggingface-clip, model: ./m }}\nvariables: {{ {v} }}\npack: [ {{ use: everything, words: \"${{v0}}\" }} ]\n");

            Assert.Equal(DiagnosticCodes.TooLarge, Assert.Single(result.Diagnostics).Code);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
        }
    }
}
