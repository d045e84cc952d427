namespace CompressionHost.Recipes.Tests;

/// <summary>The recipe that most tests start from.</summary>
internal static class ValidRecipe
{
    public const string Text = """
        # yaml-language-server: $schema=./recipe.schema.json
        recipe: 1
        name: ternaryclip-q-all
        seed: 42
        variables: { teacher: hf:openai/clip-vit-base-patch32, data: ./data }
        plugins: [ { id: Contoso.LogQuantizer, version: "[1.0,2.0)" } ]
        teacher: { use: huggingface-clip, model: "${teacher}" }
        student: { use: from-teacher }
        data:
          train:     { use: captions, path: "${data}/train.csv" }
          zeroshot:  { use: image-folder, path: "${data}/test" }
          retrieval: { use: captions, path: "${data}/val.csv" }
        quantize:
          - { match: "*.token_embedding.weight", use: ternary }
          - { match: ["*.mlp.fc1.weight", "*.mlp.fc2.weight"], use: ternary, group: 256, scale: { factor: 2.0 } }
          - { match: "*", keep: float16 }
        distill:
          data: train
          steps: 2000
          batch: 128
          precision: bfloat16
          optimizer: { use: adamw, lr: 3e-4, betas: [0.9, 0.98], weightDecay: 0 }
          schedule: { use: cosine, warmup: 5%, floor: 0.1 }
          ramp: 20%
          losses: [ { use: contrastive, weight: 1 }, { use: crd, weight: 1 }, { use: fd, weight: 2000 } ]
        pack:
          - { use: native }
          - { use: gguf, type: TQ2_0 }
        evaluate:
          - { use: zero-shot, data: zeroshot }
          - { use: retrieval, data: retrieval, recallAt: [1, 5, 10] }
        benchmark: [ { use: x64, batch: [1, 8], threads: [1, 2] } ]
        gates:
          - { metric: zero-shot.top1, maxDrop: 1.35% }
          - { metric: size.ratio, min: 16.98 }
          - { metric: size.bytes, max: 20 MB }
          - { metric: latency.x64.image.b8.t2.ms, max: 50ms }
        """;
}
