using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch.nn.functional;

namespace CompressionHost.Engine;

/// <summary>The objective of an image-text model: losses of the embeddings of image-text pairs, those of the teacher beside them where there is one.</summary>
internal sealed class ImageTextObjective : ITrainingObjective
{
    // CLIP keeps the logit scale at 100 at most (Radford et al., arXiv 2103.00020, section 2.5).
    private static readonly double MaxLogitScale = Math.Log(100);

    private readonly IImageTextModel _student;
    private readonly IImageTextModel? _teacher;
    private readonly TeacherEmbeddings? _embeddings;
    private readonly IReadOnlyList<TrainingLoss> _losses;
    private readonly SampleLoader _loader;
    private readonly DistillSection _section;
    private readonly long _seed;

    /// <param name="student">The model to train.</param>
    /// <param name="teacher">The full-precision reference, or null.</param>
    /// <param name="losses">Terms of the loss, initialized.</param>
    /// <param name="loader">The training data.</param>
    /// <param name="section">The recipe's section.</param>
    /// <param name="seed">Seed of order and augmentation.</param>
    public ImageTextObjective(
        IImageTextModel student, IImageTextModel? teacher, IReadOnlyList<TrainingLoss> losses, SampleLoader loader, DistillSection section, long seed)
    {
        (_student, _teacher, _losses, _loader, _section, _seed) = (student, teacher, losses, loader, section, seed);
        var fixedImages = section.Augment.Flip.Fraction == 0 && section.Augment.CropArea.Fraction >= 1;
        // Within the first epoch no image does, and a batch is encoded faster than its images one by one.
        var comeAgain = (long)section.Steps * section.Batch > loader.Count;
        _embeddings = teacher is null ? null : new TeacherEmbeddings(teacher, keepsImages: fixedImages && comeAgain);
        LossParameters = [.. losses.SelectMany(l => l.Parameters.Select(p => ($"loss.{l.Name}.{p.Name}", p.Value)))];
    }

    /// <inheritdoc/>
    public ICompressibleModel Student => _student;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> LossParameters { get; }

    /// <inheritdoc/>
    public torch.ScalarType ComputeType
    {
        set
        {
            _student.ComputeType = value;
            if (_teacher is not null)
                _teacher.ComputeType = value;
        }
    }

    /// <inheritdoc/>
    public BrokenSamples Broken => _loader.Broken;

    /// <inheritdoc/>
    public IEnumerable<LossOfBatch> Batches(int startStep, CancellationToken cancellationToken)
    {
        foreach (var batch in _loader.Shuffled(_section.Batch, _seed, _section.Augment, startStep, cancellationToken))
            yield return () => Losses(batch);
    }

    /// <inheritdoc/>
    public void AfterStep()
    {
        using var _ = torch.no_grad();
        _student.LogitScale.clamp_(max: TorchScalars.Of(MaxLogitScale));
    }

    private IEnumerable<LossTerm> Losses(TrainingBatch batch)
    {
        var inputs = Forward(batch);
        return _losses.Select(l => new LossTerm(l.Name, l.Weight, l.Loss.Compute(inputs)));
    }

    private LossInputs Forward(TrainingBatch batch)
    {
        var size = _student.ImageProcessor.Size;
        var pixels = torch.tensor(batch.Pixels, [batch.Texts.Count, 3, size, size]);
        var tokens = TokenBatch.Of(batch.Texts);
        var ids = TokenBatch.Tokenize(TokenBatch.TokenizerOf(_student), tokens.Distinct, _student.ContextLength);
        var images = normalize(_student.EncodeImages(pixels), p: 2, dim: -1);
        var texts = normalize(_student.EncodeTexts(ids), p: 2, dim: -1).index_select(0, tokens.Ids);
        return new LossInputs(
            images, texts, _student.LogitScale.exp(),
            _embeddings?.Images(pixels, batch.Indices), _embeddings?.Texts(tokens.Distinct).index_select(0, tokens.Ids), _embeddings?.LogitScale(),
            tokens.Ids);
    }
}
