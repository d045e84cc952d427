using System.Runtime.InteropServices;

namespace CompressionHost.Kernels;

/// <summary>
/// What an inner loop gets: a panel of weights, some tokens, and where the sums go. Emitted code knows the offsets, so every field is 8 bytes. Strides are in bytes.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PanelCall
{
    /// <summary>Weights as [groups, steps, rows of the panel, 4]: four consecutive columns of a row lie together, columns past a group's end are zero bytes.</summary>
    public byte* Panel;

    /// <summary>Activations of the first token.</summary>
    public sbyte* X;
    public long XStride;

    /// <summary>What each sum starts from, [tokens, groups]; with zero points, what they are multiplied by first.</summary>
    public int* Corrections;
    public long CorrectionStride;

    /// <summary>Scales of the panel's rows in the first group.</summary>
    public float* Scales;
    public long ScaleStride;

    /// <summary>Zero points of the panel's rows in the first group, a byte each, or null.</summary>
    public byte* Zeros;
    public long ZeroStride;

    /// <summary>Receives every row of the panel for each token.</summary>
    public float* Y;
    public long YStride;

    /// <summary>Groups, at least 1.</summary>
    public long Groups;

    /// <summary>Steps of four columns in each group but the last.</summary>
    public long Steps;
    public long LastSteps;

    /// <summary>Bytes of activations, which are columns, from one group to the next.</summary>
    public long Group;
}
