using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Makes the objective that suits the model which a recipe trains.</summary>
internal static class ObjectiveFactory
{
    /// <param name="recipe">The recipe; its losses suit the model, which the planner has checked.</param>
    /// <param name="student">The model to train.</param>
    /// <param name="teacher">The full-precision reference, or null.</param>
    /// <param name="data">The training data.</param>
    /// <param name="factory">Builds the losses.</param>
    /// <exception cref="InvalidInputException">The model has no gradients, or teacher and student are of different kinds.</exception>
    public static ITrainingObjective Create(Recipe recipe, ICompressibleModel student, ICompressibleModel? teacher, IDataSet data, IStageFactory factory)
    {
        var section = recipe.Distill!;
        // A quarter of the machine decodes ahead; the training's own threads need the rest.
        var workers = Math.Max(1, Environment.ProcessorCount / 4);
        if (student is IImageTextModel encoders)
        {
            var reference = Same<IImageTextModel>(teacher, student);
            var losses = section.Losses.Select(l => Initialize(l, encoders, reference, recipe.Seed, factory)).ToList();
            return new ImageTextObjective(encoders, reference, losses, new SampleLoader(data, encoders.ImageProcessor, workers), section, recipe.Seed);
        }
        if (student is not ITrainableTensorModel model)
            throw new InvalidInputException($"a model of architecture '{student.Architecture}' has no gradients, so it cannot be trained; leave out 'distill' to quantize it as it is.");
        var teacherModel = Same<ITensorModel>(teacher, student);
        var terms = section.Losses.Select(l => (l.Loss.Stage.Name, factory.Create<ITensorLoss>(l.Loss), l.Weight)).ToList();
        return new TensorObjective(model, teacherModel, terms, new TensorTrainingLoader(data, model, teacherModel, workers), section, recipe.Seed);
    }

    private static T? Same<T>(ICompressibleModel? teacher, ICompressibleModel student)
        where T : class, ICompressibleModel => teacher is null or T
            ? (T?)teacher
            : throw new InvalidInputException($"a teacher of architecture '{teacher.Architecture}' cannot teach a student of architecture '{student.Architecture}': their outputs are of different kinds.");

    private static TrainingLoss Initialize(LossEntry entry, IImageTextModel student, IImageTextModel? teacher, long seed, IStageFactory factory)
    {
        var loss = factory.Create<IDistillationLoss>(entry.Loss);
        var parameters = loss.Initialize(student.EmbeddingSize, (teacher ?? student).EmbeddingSize, seed);
        return new TrainingLoss(entry.Loss.Stage.Name, loss, entry.Weight, parameters);
    }
}
