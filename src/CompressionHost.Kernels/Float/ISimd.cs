namespace CompressionHost.Kernels;

/// <summary>
/// The operations that the float kernels are written in, for one width of vector. Kernels are generic over an implementation, so one source serves
/// all widths and the compiler sees the instructions themselves.
/// </summary>
/// <typeparam name="TVector">A vector of float32.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>Floats of a vector; a power of two, at most 16.</summary>
    static abstract int Lanes { get; }

    static abstract TVector Create(float value);

    static abstract TVector Load(float* source);

    static abstract void Store(TVector value, float* destination);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    static abstract TVector Max(TVector a, TVector b);

    static abstract TVector Min(TVector a, TVector b);

    static abstract TVector Abs(TVector value);

    /// <summary>a * b + c, with one rounding where the processor has that.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>value * 2^exponent for integral exponents from -126 to 127.</summary>
    static abstract TVector Scale(TVector value, TVector exponent);

    /// <summary>To the nearest integer, ties to even.</summary>
    static abstract TVector Round(TVector value);

    /// <summary>Zero where <paramref name="x"/> is below the limit.</summary>
    static abstract TVector ZeroBelow(TVector value, TVector x, TVector limit);

    /// <summary>Stores integral values from -128 to 127.</summary>
    static abstract void StoreInt8(TVector value, sbyte* destination);

    /// <summary>Sum of the lanes: halves added until one is left.</summary>
    static abstract float Sum(TVector value);

    static abstract float Largest(TVector value);

    /// <summary>Floats of int32 values, which a vector may hold in place of floats.</summary>
    static abstract TVector ToSingle(TVector integers);

    /// <summary>Stores integral values from -32768 to 32767.</summary>
    static abstract void StoreInt16(TVector value, short* destination);

    /// <summary>From one lane's first value to the next one's, in a vector of pairs of int16.</summary>
    static abstract int PairStep { get; }

    /// <summary>From a lane's first value to its second.</summary>
    static abstract int PairSecond { get; }

    /// <summary>Two int16 values for every lane of <see cref="AddPairs"/>.</summary>
    static abstract TVector LoadPair(short* pair);

    /// <summary>sums + pair[0] * pairs[:, 0] + pair[1] * pairs[:, 1], where sums are int32 and pairs of int16 lie by <see cref="PairStep"/> and <see cref="PairSecond"/>.</summary>
    static abstract TVector AddPairs(TVector sums, TVector pair, TVector pairs);
}
