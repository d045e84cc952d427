using System.Text.Json.Serialization;

namespace CompressionHost.Tensors;

/// <summary>The header of a package as JSON. Offsets count from the first byte after the header's padding.</summary>
internal sealed record NativeHeaderJson(
    string Format, int Version, string Architecture, IReadOnlyList<NativeTensorJson> Tensors, IReadOnlyList<NativeAssetJson> Assets)
{
    public const string FormatName = "compressionhost-native";
}

/// <param name="Name">Hugging Face name.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="Storage">How the values are stored.</param>
/// <param name="Offset">Where the section begins.</param>
/// <param name="Length">Bytes of the section.</param>
/// <param name="Checksum">XXH3 of the section, 16 hexadecimal digits.</param>
/// <param name="Scheme">Name of the scheme; absent for a dense tensor, as are the next.</param>
/// <param name="Codes">Smallest and largest code.</param>
/// <param name="Group">Values that share a scale.</param>
/// <param name="Step">From one code to the next; absent for 1.</param>
/// <param name="ZeroPoints">Whether groups have zero points; absent for no.</param>
internal sealed record NativeTensorJson(
    string Name, IReadOnlyList<long> Shape, string Storage, long Offset, long Length, string Checksum,
    string? Scheme = null, IReadOnlyList<int>? Codes = null, int? Group = null, int? Step = null, bool? ZeroPoints = null);

/// <param name="Name">Plain file name.</param>
/// <param name="Size">Bytes of the content.</param>
/// <param name="Storage">How it is stored.</param>
/// <param name="Offset">Where the section begins.</param>
/// <param name="Length">Bytes of the section.</param>
/// <param name="Checksum">XXH3 of the content, 16 hexadecimal digits.</param>
internal sealed record NativeAssetJson(string Name, long Size, string Storage, long Offset, long Length, string Checksum);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 8)]
[JsonSerializable(typeof(NativeHeaderJson))]
internal sealed partial class NativeJsonContext : JsonSerializerContext;
