# sori export, sori import: there and back, PyTorch's files, what they refuse.
source "$(dirname "$0")/lib.bash"
files=$here/../golden/exchange

run import "$files/cnn.onnx" -o cnn.safetensors; exits 0; says "wrote cnn.safetensors"; prints "Conv2D"
exists cnn.safetensors
run summary cnn.safetensors; exits 0; prints "conv1 (Conv2D)"
run export cnn.safetensors --onnx cnn.onnx; exits 0; exists cnn.onnx
run export cnn.safetensors --onnx again.onnx; exits 0; same cnn.onnx again.onnx
run import cnn.onnx -q; exits 0; silent; prints_nothing
run import cnn.onnx --json; exits 0; silent; prints '"Conv2D"'
run export cnn.safetensors; exits 2; says "--onnx FILE or --weights FILE says what to write and where"
run export cnn.safetensors --onnx cnn.safetensors; exits 2; says "overwritten"
run export cnn.safetensors --weights torch.safetensors; exits 0; says "wrote torch.safetensors"
run export cnn.safetensors --weights keras.safetensors --layout keras; exits 0; exists keras.safetensors
run export cnn.safetensors --weights cnn.safetensors; exits 2; says "overwritten"
run export missing.safetensors --onnx x.onnx; exits 4; says "missing.safetensors"; one_sentence; absent x.onnx

run import "$files/checkpoint.pt"; exits 0; silent; prints "model.0.weight  float32 [9, 7]"
run import "$files/state.pt" -o state.safetensors; exits 0; exists state.safetensors; prints "turned  float32 [4, 3]"
run import "$files/whole_model.pt" -o w.safetensors; exits 3; says "torch.nn.modules.container.Sequential"; one_sentence
absent w.safetensors
run import "$files/legacy.pt"; exits 3; says "before 1.6"; one_sentence
printf 'no network' >bad.onnx
run import bad.onnx; exits 3; says "bad.onnx: not an ONNX file"; one_sentence
finish
