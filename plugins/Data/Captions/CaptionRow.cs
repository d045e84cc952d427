namespace CompressionHost.Plugins.Data;

/// <summary>One row of a caption file.</summary>
/// <param name="Image">Path of the image as written.</param>
/// <param name="Text">Caption.</param>
/// <param name="Line">Line of the file, from 1.</param>
internal readonly record struct CaptionRow(string Image, string Text, int Line);
