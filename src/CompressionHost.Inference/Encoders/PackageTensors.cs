using CompressionHost.Kernels;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>
/// The tensors of a package as one tower uses them: quantized weights where they lie in the mapped file, vectors as padded float32 copies. Each tensor is
/// checked when it is asked for, so a tower that is not used is not read.
/// </summary>
internal sealed unsafe class PackageTensors : IDisposable
{
    private readonly NativePackageFile _file;
    private readonly KernelPath _path;
    private readonly bool _verify;
    private readonly List<IDisposable> _owned = [];
    private AlignedMemory? _zeros;

    public PackageTensors(NativePackageFile file, KernelPath path, FloatKernels kernels, bool verify)
    {
        (_file, _path, _verify) = (file, path, verify);
        Kernels = kernels;
    }

    public FloatKernels Kernels { get; }

    /// <summary>A tensor of any rank as one row of floats, padded with zeros.</summary>
    public float* Vector(string name)
    {
        var entry = Checked(name);
        var rows = WeightRows.Of(_file, entry);
        var memory = Allocate(FloatKernels.Pad((int)entry.Count));
        for (var row = 0; row < rows.Rows; row++)
            rows.Read(row, new Span<float>(memory.Floats + (long)row * rows.Columns, rows.Columns));
        return memory.Floats;
    }

    /// <summary>A matrix of floats, each row padded with zeros.</summary>
    public float* Matrix(string name)
    {
        var rows = Rows(name);
        var stride = FloatKernels.Pad(rows.Columns);
        var memory = Allocate((long)rows.Rows * stride);
        for (var row = 0; row < rows.Rows; row++)
            rows.Read(row, new Span<float>(memory.Floats + (long)row * stride, rows.Columns));
        return memory.Floats;
    }

    /// <summary>The rows of a tensor where they lie.</summary>
    public WeightRows Rows(string name) => WeightRows.Of(_file, Checked(name));

    public NormLayer Norm(string name, int width, double epsilon) =>
        new(Kernels, Vector($"{name}.weight"), Vector($"{name}.bias"), width, (float)epsilon);

    /// <summary>A layer with <c>.weight</c> and <c>.bias</c>.</summary>
    public LinearLayer Linear(string name) => Linear($"{name}.weight", Vector($"{name}.bias"));

    /// <summary>A layer without a bias.</summary>
    /// <param name="weight">Name of its weight.</param>
    public LinearLayer LinearWithoutBias(string weight) => Linear(weight, Zeros(FloatKernels.Pad(Checked(weight).Rows)));

    public void Dispose()
    {
        foreach (var owned in _owned)
            owned.Dispose();
        _owned.Clear();
    }

    private LinearLayer Linear(string name, float* bias)
    {
        var entry = Checked(name);
        return entry.Scheme is not null && CodeLayouts.Map(_file, entry) is { } weights
            ? Own(new PackedLayer(new MatrixProduct(weights, _path), bias))
            : new FloatLayer(Kernels, WeightRows.Of(_file, entry), bias);
    }

    private float* Zeros(int count)
    {
        if (_zeros is null || _zeros.Bytes < count * sizeof(float))
            _zeros = Allocate(count);
        return _zeros.Floats;
    }

    private AlignedMemory Allocate(long floats) => Own(new AlignedMemory(floats * sizeof(float)));

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    // Names and shapes were compared with the configuration when the package was opened.
    private NativeTensorEntry Checked(string name)
    {
        var entry = _file.Find(name) ?? throw new InvalidInputException($"{_file.Path}: the package lacks the tensor '{name}'.", _file.Path);
        if (_verify)
            _file.Verify(entry);
        TensorContent.Check(_file, entry);
        return entry;
    }
}
