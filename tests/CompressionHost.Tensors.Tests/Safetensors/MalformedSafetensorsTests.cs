namespace CompressionHost.Tensors.Tests;

public sealed class MalformedSafetensorsTests : IDisposable
{
    private const string Good = """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_file_that_the_others_are_made_from_is_right()
    {
        using var file = SafetensorsFile.Open(Save(SafetensorsFixture.File(Good, 16)));
        Assert.Equal("w", Assert.Single(file.Entries).Name);
    }

    [Theory]
    [InlineData("overlap", """{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"w":{"dtype":"U8","shape":[12],"data_offsets":[4,16]}}""")]
    [InlineData("the same data twice", """{"a":{"dtype":"U8","shape":[16],"data_offsets":[0,16]},"w":{"dtype":"U8","shape":[16],"data_offsets":[0,16]}}""")]
    [InlineData("gap", """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"w":{"dtype":"U8","shape":[8],"data_offsets":[8,16]}}""")]
    [InlineData("gap at the beginning", """{"w":{"dtype":"U8","shape":[15],"data_offsets":[1,16]}}""")]
    [InlineData("end beyond the file", """{"w":{"dtype":"F32","shape":[2,4],"data_offsets":[0,32]}}""")]
    [InlineData("end far beyond the file", """{"w":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}""")]
    [InlineData("end before begin", """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[16,0]}}""")]
    [InlineData("negative offset", """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[-16,0]}}""")]
    [InlineData("one offset", """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[16]}}""")]
    [InlineData("three offsets", """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16,16]}}""")]
    [InlineData("offset that is not an integer", """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16.5]}}""")]
    [InlineData("offset beyond 64 bits", """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,18446744073709551632]}}""")]
    [InlineData("too many dimensions for the data", """{"w":{"dtype":"F32","shape":[2,2,2],"data_offsets":[0,16]}}""")]
    [InlineData("too few values for the data", """{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,16]}}""")]
    [InlineData("absurd shape", """{"w":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,16]}}""")]
    [InlineData("absurd shape that wraps to the right length", """{"w":{"dtype":"F32","shape":[4611686018427387904,4,4],"data_offsets":[0,0]}}""")]
    [InlineData("bytes that wrap to the right length", """{"w":{"dtype":"F64","shape":[2305843009213693954],"data_offsets":[0,16]}}""")]
    [InlineData("negative dimension", """{"w":{"dtype":"F32","shape":[-2,-2],"data_offsets":[0,16]}}""")]
    [InlineData("null dimension", """{"w":{"dtype":"F32","shape":[null],"data_offsets":[0,16]}}""")]
    [InlineData("nested dimension", """{"w":{"dtype":"F32","shape":[[2,2]],"data_offsets":[0,16]}}""")]
    [InlineData("unknown type", """{"w":{"dtype":"F31","shape":[2,2],"data_offsets":[0,16]}}""")]
    [InlineData("type that is not a string", """{"w":{"dtype":3,"shape":[2,2],"data_offsets":[0,16]}}""")]
    [InlineData("no type", """{"w":{"shape":[2,2],"data_offsets":[0,16]}}""")]
    [InlineData("no shape", """{"w":{"dtype":"F32","data_offsets":[0,16]}}""")]
    [InlineData("no offsets", """{"w":{"dtype":"F32","shape":[2,2]}}""")]
    [InlineData("a key twice", """{"w":{"dtype":"F32","dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""")]
    [InlineData("an unknown key", """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16],"strides":[1]}}""")]
    [InlineData("a tensor twice", """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""")]
    [InlineData("a tensor twice, once escaped", """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"\u0077":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""")]
    [InlineData("a tensor that is a number", """{"w":16}""")]
    public void A_wrong_description_is_refused_with_file_and_tensor(string what, string header)
    {
        var message = Refusal(SafetensorsFixture.File(header, 16));
        Assert.True(message.Contains("tensor 'w'", StringComparison.Ordinal), $"{what}: {message}");
    }

    [Theory]
    [InlineData("not JSON", "x")]
    [InlineData("empty", "")]
    [InlineData("array", "[]")]
    [InlineData("number", "1")]
    [InlineData("cut off", """{"w":{"dtype":"F32","shape":[2,2],"data_offs""")]
    [InlineData("something after the object", """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}} x""")]
    [InlineData("two objects", """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}{}""")]
    [InlineData("a comment", """{/**/"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""")]
    [InlineData("half a surrogate pair", """{"\ud800":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""")]
    [InlineData("metadata of numbers", """{"__metadata__":{"a":1},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""")]
    [InlineData("metadata in a list", """{"__metadata__":[],"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""")]
    [InlineData("a key of the metadata twice", """{"__metadata__":{"a":"1","a":"1"},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""")]
    [InlineData("metadata twice", """{"__metadata__":{},"__metadata__":{},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""")]
    [InlineData("no tensor for the data", "{}")]
    [InlineData("data after the last tensor", """{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""")]
    public void A_wrong_header_is_refused_with_the_file(string what, string header) =>
        Assert.True(Refusal(SafetensorsFixture.File(header, 16)).Length > 0, what);

    [Theory]
    [InlineData(1UL << 63)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 62)]
    [InlineData(99_999_999UL)]
    [InlineData(1_000UL)]
    public void A_header_that_claims_more_than_the_file_is_refused(ulong claimed) =>
        Assert.Contains(claimed.ToString(System.Globalization.CultureInfo.InvariantCulture), Refusal(SafetensorsFixture.File(Good, 16, claimed)), StringComparison.Ordinal);

    [Fact]
    public void Every_truncation_is_refused()
    {
        var whole = SafetensorsFixture.File(Good, 16);
        for (var length = 0; length < whole.Length; length++)
            Refusal(whole[..length]);
    }

    [Fact]
    public void A_byte_too_many_is_refused() => Refusal([.. SafetensorsFixture.File(Good, 16), 0]);

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        var header = System.Text.Encoding.Latin1.GetBytes("""{"é":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""");
        Assert.Contains("UTF-8", Refusal(SafetensorsFixture.File(header, 16)), StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused_and_does_not_overflow_the_stack()
    {
        var deep = $$"""{"w":{"dtype":"F32","shape":{{new string('[', 50_000)}}""";
        Refusal(SafetensorsFixture.File(deep, 16));
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        var missing = _folder["missing.safetensors"];
        Assert.Contains(missing, SafetensorsFixture.Refusal(() => SafetensorsFile.Open(missing)), StringComparison.Ordinal);
        Assert.Contains(_folder.Path, SafetensorsFixture.Refusal(() => SafetensorsFile.Open(_folder.Path)), StringComparison.Ordinal);
    }

    private string Refusal(byte[] content)
    {
        var path = Save(content);
        var message = SafetensorsFixture.Refusal(() => SafetensorsFile.Open(path).Dispose());
        Assert.Contains(path, message, StringComparison.Ordinal);
        return message;
    }

    private string Save(byte[] content)
    {
        var path = _folder["model.safetensors"];
        File.WriteAllBytes(path, content);
        return path;
    }
}
