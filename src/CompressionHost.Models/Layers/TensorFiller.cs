using CompressionHost.Abstractions;

namespace CompressionHost.Models;

/// <summary>Writes the values of one tensor.</summary>
/// <param name="header">Its name and shape.</param>
/// <param name="values">Receives the values, row-major.</param>
public delegate void TensorFiller(TensorHeader header, Span<float> values);
