"""The yardstick beside BenchmarkTraining on a GPU: LoRA training and inference tokens/s of transformers + PEFT
with random weights in bf16 and scaled-dot-product attention, even batches without padding, medians over steps.

    python peft_bench.py --config config.json --batch 16 --length 512 [--targets qkv_proj] [--rank 16] [--seconds 30]

Where activations do not fit, training checkpoints them, and the line says so. Prints one JSON line.
"""
import argparse
import json
import statistics
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForSequenceClassification

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--config", required=True)
parser.add_argument("--targets", default="qkv_proj")
parser.add_argument("--batch", type=int, default=16)
parser.add_argument("--length", type=int, default=512)
parser.add_argument("--rank", type=int, default=16)
parser.add_argument("--seconds", type=float, default=30)
parser.add_argument("--device", default="cuda")
options = parser.parse_args()

torch.manual_seed(0)
config = AutoConfig.from_pretrained(options.config, num_labels=2)
config.use_cache = False
config.pad_token_id = 0
with torch.device(options.device):
    model = AutoModelForSequenceClassification.from_config(
        config, dtype=torch.bfloat16, attn_implementation="sdpa")
    model = get_peft_model(model, LoraConfig(
        r=options.rank, lora_alpha=2 * options.rank, target_modules=options.targets.split(","),
        task_type="SEQ_CLS", modules_to_save=["score"]))
    ids = torch.randint(1, config.vocab_size, (options.batch, options.length))
    labels = torch.randint(0, 2, (options.batch,))
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-4)


def wait():
    if options.device.startswith("cuda"):
        torch.cuda.synchronize()


def timed(step, seconds):
    times, end = [], time.time() + seconds
    while time.time() < end or len(times) < 6:
        start = time.time()
        step()
        wait()
        times.append(time.time() - start)
    return options.batch * options.length / statistics.median(times[1:])


def train():
    model(input_ids=ids, labels=labels).loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    optimizer.zero_grad()


def infer():
    with torch.no_grad():
        model(input_ids=ids)


model.train()
checkpointed = False
try:
    train()
except torch.cuda.OutOfMemoryError:
    checkpointed = True
if checkpointed:
    optimizer.zero_grad()
    torch.cuda.empty_cache()
    model.enable_input_require_grads()
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
training = timed(train, options.seconds * 2 / 3)
peak = torch.cuda.max_memory_allocated() if options.device.startswith("cuda") else None
model.eval()
print(json.dumps({
    "train_tokens_per_second": training,
    "inference_tokens_per_second": timed(infer, options.seconds / 3),
    "dtype": "bf16",
    "batch": options.batch,
    "length": options.length,
    "checkpointed": checkpointed,
    "trainable": sum(p.numel() for p in trained),
    "peak_memory_bytes": peak,
    "device": torch.cuda.get_device_name() if options.device.startswith("cuda") else options.device,
    "torch": torch.__version__,
}))
