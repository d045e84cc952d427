using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>
/// One batch of sequences on its way through a tower. Tokens are dealt out to threads once; they meet only where attention needs the keys and values of all
/// tokens, so a block is one round: attention and MLP of block i, then keys and values of block i + 1, into a second cache since others may still read the
/// first. After the last block only one token of a sequence is read: there the others need neither a query nor an MLP.
/// </summary>
internal sealed unsafe class TowerPass : ParallelWork, IDisposable
{
    /// <summary>The most tokens that go through a product together. Weights are unpacked once for all of them, which is worth more than a product that stays in the second-level cache.</summary>
    private const int Tile = 256;

    /// <summary>Keys of a batch, if a single sequence has not more.</summary>
    private const int BatchKeys = 256;

    // Fewer tokens are not worth a thread.
    private const int LeastTokens = 4;

    private readonly Tower _tower;
    private readonly TowerShape _shape;
    private readonly FloatKernels _kernels;
    private readonly int _stride;
    private readonly AlignedMemory _states;
    private readonly QueryRows _queries;
    private readonly AlignedMemory _read;
    private readonly KeyValueCache[] _caches;
    private readonly WorkerMemory?[] _workers;
    private readonly long _scratch;
    private void* _inputs;
    private float* _embeddings;
    private int _round;
    private int _parts;

    /// <param name="tower">The encoder.</param>
    /// <param name="threads">The most threads.</param>
    public TowerPass(Tower tower, int threads)
    {
        (_tower, _shape, _kernels) = (tower, tower.Shape, tower.Kernels);
        _stride = FloatKernels.Pad(_shape.Width);
        Batch = new SequenceBatch(_kernels.KeyAlignment, _shape.Longest, BatchKeys);
        _states = new AlignedMemory((long)Batch.Keys * _stride * sizeof(float));
        _queries = new QueryRows(_shape, _kernels, Batch.Keys);
        _read = new AlignedMemory((long)Batch.Capacity * _stride * sizeof(float));
        _caches = [new KeyValueCache(_shape, _kernels, Batch.Keys), new KeyValueCache(_shape, _kernels, Batch.Keys)];
        _workers = new WorkerMemory?[threads];
        foreach (var layer in tower.Layers)
            _scratch = Math.Max(_scratch, layer.ScratchBytes(Tile));
        foreach (var block in tower.Blocks)
            _scratch = Math.Max(_scratch, block.QueryKeyValue.ScratchBytes(Tile));
    }

    /// <summary>The sequences of the next <see cref="Run"/>.</summary>
    public SequenceBatch Batch { get; }

    /// <summary>Encodes the batch.</summary>
    /// <param name="inputs">Of its first sequence; see <see cref="Tower.Embed"/>.</param>
    /// <param name="embeddings">Receives an embedding a sequence, L2-normalized.</param>
    /// <param name="pool">Threads; null for the caller's alone.</param>
    public void Run(void* inputs, float* embeddings, WorkerPool? pool)
    {
        _inputs = inputs;
        _embeddings = embeddings;
        var threads = pool is null ? 1 : Math.Min(pool.Threads, _workers.Length);
        for (_round = 0; _round <= _tower.Blocks.Length; _round++)
        {
            var items = _round == _tower.Blocks.Length ? Batch.Count : (Batch.Tokens + LeastTokens - 1) / LeastTokens;
            _parts = Math.Min(threads, items);
            if (pool is null || _parts == 1)
                Execute(0, 0, 1);
            else
                pool.Run(this, _parts);
        }
    }

    public override void Execute(int part, int worker) => Execute(part, worker, _parts);

    public void Dispose()
    {
        _states.Dispose();
        _queries.Dispose();
        _read.Dispose();
        foreach (var cache in _caches)
            cache.Dispose();
        foreach (var worker in _workers)
            worker?.Dispose();
    }

    private void Execute(int part, int worker, int parts)
    {
        var memory = _workers[worker] ??= new WorkerMemory(_shape, _kernels, Tile, _shape.Longest, _scratch);
        var last = _round == _tower.Blocks.Length;
        var items = last ? Batch.Count : Batch.Tokens;
        var start = (int)((long)items * part / parts);
        var end = (int)((long)items * (part + 1) / parts);
        // Tiles of one size: a small last one would cost as much as a large one.
        var tiles = (end - start + Tile - 1) / Tile;
        for (var tile = 0; tile < tiles; tile++)
        {
            var first = start + (int)((long)(end - start) * tile / tiles);
            var count = start + (int)((long)(end - start) * (tile + 1) / tiles) - first;
            if (last)
                Finish(first, count, memory);
            else
                Advance(first, count, memory);
        }
    }

    private void Advance(int first, int tokens, WorkerMemory memory)
    {
        var states = _states.Floats + (long)first * _stride;
        if (_round == 0)
        {
            memory.Begin(_shape.InputWidth);
            _tower.Embed(Batch, _inputs, first, tokens, memory, states);
        }
        else
        {
            var block = _tower.Blocks[_round - 1];
            memory.Begin(_shape.Width);
            Attend(first, tokens, block, memory);
            Block(states, tokens, block, memory);
        }
        StoreKeysAndValues(first, tokens, memory);
    }

    private void Attend(int first, int tokens, BlockWeights block, WorkerMemory memory)
    {
        var cache = _caches[(_round - 1) & 1];
        for (var token = first; token < first + tokens;)
        {
            var sequence = Batch.Of(token);
            var position = token - Batch.First(sequence);
            var count = Math.Min(first + tokens - token, Batch.Length(sequence) - position);
            Attend(cache, sequence, token, count, position, memory, token - first);
            token += count;
        }
        Quantize(block.Output, tokens, memory);
    }

    // Results of attention become the input of the next product.
    private void Attend(KeyValueCache cache, int sequence, int query, int count, int position, WorkerMemory memory, int row)
    {
        for (var head = 0; head < _shape.Heads; head++)
        {
            _kernels.Attend(
                _queries.Head(head, query), count, cache.Head(head, Batch.FirstKey(sequence), Batch.Length(sequence)), _shape.Causal ? position : -1,
                memory.Rows.Values + row * memory.Rows.Stride + head * _shape.Dim, memory.Rows.Stride, memory.Attention);
        }
    }

    private void Quantize(LinearLayer consumer, int tokens, WorkerMemory memory)
    {
        var padded = FloatKernels.Pad(_shape.Width);
        for (var t = 0; t < tokens; t++)
        {
            var values = memory.Rows.Values + t * memory.Rows.Stride;
            new Span<float>(values + _shape.Width, padded - _shape.Width).Clear();
            if (consumer.TakesCodes)
                memory.Rows.Quantize(_kernels, t, values, _shape.Width, _kernels.LargestMagnitude(values, padded));
        }
    }

    /// <summary>What follows attention: its output product, and the MLP, both added to the states.</summary>
    private void Block(float* states, int tokens, BlockWeights block, WorkerMemory memory)
    {
        Add(block.Output, states, tokens, memory, memory.Product, memory.ProductStride);
        Normalize(block.Norm2, states, tokens, memory, block.Fc1.TakesCodes, !block.Fc1.TakesCodes);
        block.Fc1.Multiply(memory.Rows, tokens, memory.Product, memory.ProductStride, memory.Scratch);
        Activate(block, tokens, memory);
        // The widened input of the first product is used up; what was its place takes the output of the second.
        var inner = memory.Rows with { Values = memory.Product, Stride = memory.ProductStride };
        var output = memory.Rows.Values;
        block.Fc2.Multiply(inner, tokens, output, memory.Rows.Stride, memory.Scratch);
        for (var t = 0; t < tokens; t++)
            _kernels.AddProduct(output + t * memory.Rows.Stride, block.Fc2.Scale(inner, t), block.Fc2.Bias, _stride, states + (long)t * _stride);
    }

    private void Activate(BlockWeights block, int tokens, WorkerMemory memory)
    {
        var padded = FloatKernels.Pad(_shape.MlpWidth);
        var scales = stackalloc float[Tile];
        for (var t = 0; t < tokens; t++)
            scales[t] = block.Fc1.Scale(memory.Rows, t);
        memory.Begin(_shape.MlpWidth);
        for (var t = 0; t < tokens; t++)
        {
            var row = memory.Product + t * memory.ProductStride;
            var largest = _shape.Activation == ClipActivation.Gelu
                ? _kernels.Gelu(row, scales[t], block.Fc1.Bias, padded)
                : _kernels.QuickGelu(row, scales[t], block.Fc1.Bias, padded);
            if (block.Fc2.TakesCodes)
                memory.Rows.Quantize(_kernels, t, row, _shape.MlpWidth, largest);
        }
    }

    private void Add(LinearLayer layer, float* states, int tokens, WorkerMemory memory, float* product, long productStride)
    {
        layer.Multiply(memory.Rows, tokens, product, productStride, memory.Scratch);
        for (var t = 0; t < tokens; t++)
            _kernels.AddProduct(product + t * productStride, layer.Scale(memory.Rows, t), layer.Bias, _stride, states + (long)t * _stride);
    }

    private void Normalize(NormLayer norm, float* states, int tokens, WorkerMemory memory, bool codes, bool values)
    {
        memory.Begin(_shape.Width);
        for (var t = 0; t < tokens; t++)
        {
            // Where only codes are needed, one row that stays in the first-level cache will do.
            var row = values ? memory.Rows.Values + t * memory.Rows.Stride : memory.Row;
            var largest = norm.Apply(states + (long)t * _stride, row);
            if (codes)
                memory.Rows.Quantize(_kernels, t, row, _shape.Width, largest);
        }
    }

    private void StoreKeysAndValues(int first, int tokens, WorkerMemory memory)
    {
        var block = _tower.Blocks[_round];
        var cache = _caches[_round & 1];
        var needsQueries = _round < _tower.Blocks.Length - 1;
        var layers = needsQueries ? block.QueryKeyValue : block.KeyValue;
        Normalize(block.Norm1, _states.Floats + (long)first * _stride, tokens, memory, layers.TakesCodes, layers.TakesValues);
        layers.Multiply(memory.Rows, tokens, memory.Product, _stride, memory.ProductStride, memory.Scratch);
        var keys = memory.Product;
        if (needsQueries)
        {
            StoreQueries(block.Query, first, tokens, memory);
            keys += _stride;
        }
        var values = keys + _stride;
        Scale(block.Key, tokens, memory, keys);
        Scale(block.Value, tokens, memory, values);
        Span<int> positions = stackalloc int[tokens];
        for (var t = 0; t < tokens; t++)
            positions[t] = Key(first + t);
        cache.Store(positions, keys, values, memory.ProductStride, memory.HeadCodes);
    }

    private void StoreQueries(LinearLayer layer, int first, int tokens, WorkerMemory memory)
    {
        Scale(layer, tokens, memory, memory.Product);
        for (var t = 0; t < tokens; t++)
            _queries.Store(first + t, memory.Product + t * memory.ProductStride);
    }

    /// <summary>A layer's product becomes its result: token scale and bias.</summary>
    private void Scale(LinearLayer layer, int tokens, WorkerMemory memory, float* product)
    {
        for (var t = 0; t < tokens; t++)
            _kernels.ScaleProduct(product + t * memory.ProductStride, layer.Scale(memory.Rows, t), layer.Bias, _stride, product + t * memory.ProductStride);
    }

    private int Key(int token)
    {
        var sequence = Batch.Of(token);
        return Batch.FirstKey(sequence) + token - Batch.First(sequence);
    }

    /// <summary>The last block and what follows it, for the one token of each sequence that is read: the first of an image, the last of a text.</summary>
    private void Finish(int first, int count, WorkerMemory memory)
    {
        var block = _tower.Blocks[^1];
        var states = _read.Floats + (long)first * _stride;
        for (var s = first; s < first + count; s++)
        {
            var state = _states.Floats + (long)(Batch.First(s) + Position(s)) * _stride;
            new ReadOnlySpan<float>(state, _stride).CopyTo(new Span<float>(states + (long)(s - first) * _stride, _stride));
        }
        Normalize(block.Norm1, states, count, memory, block.Query.TakesCodes, !block.Query.TakesCodes);
        block.Query.Multiply(memory.Rows, count, memory.Product, memory.ProductStride, memory.Scratch);
        StoreQueries(block.Query, first, count, memory);
        for (var s = 0; s < count; s++)
            Attend(_caches[(_tower.Blocks.Length - 1) & 1], first + s, first + s, 1, Position(first + s), memory, s);
        Quantize(block.Output, count, memory);
        Block(states, count, block, memory);
        var projection = _tower.Projection;
        Normalize(_tower.FinalNorm, states, count, memory, projection.TakesCodes, !projection.TakesCodes);
        projection.Multiply(memory.Rows, count, memory.Product, memory.ProductStride, memory.Scratch);
        for (var s = 0; s < count; s++)
            StoreEmbedding(memory.Product + s * memory.ProductStride, projection.Scale(memory.Rows, s), first + s);
    }

    private int Position(int sequence) => _shape.Causal ? Batch.Length(sequence) - 1 : 0;

    private void StoreEmbedding(float* features, float scale, int sequence)
    {
        var size = _shape.EmbeddingSize;
        var squares = 0.0;
        for (var i = 0; i < size; i++)
            squares += (double)features[i] * features[i];
        // As torch's normalize: a vector of zeros stays one.
        var factor = scale / Math.Max(scale * Math.Sqrt(squares), 1e-12);
        for (var i = 0; i < size; i++)
            _embeddings[(long)sequence * size + i] = (float)(features[i] * factor);
    }
}
