namespace CompressionHost.Engine;

/// <summary>One step's training pairs.</summary>
/// <param name="Step">The step, counted from 0 over the whole run.</param>
/// <param name="Pixels">[batch, 3, size, size], normalized.</param>
/// <param name="Texts">A text for each image.</param>
/// <param name="Indices">Index in the data set of each image.</param>
public sealed record TrainingBatch(long Step, float[] Pixels, IReadOnlyList<string> Texts, IReadOnlyList<int> Indices);

/// <summary>The samples of a data set that could not be read so far.</summary>
/// <param name="Count">How many.</param>
/// <param name="First">Up to 20 of them, by index: origin and reason.</param>
public sealed record BrokenSamples(int Count, IReadOnlyList<string> First);
