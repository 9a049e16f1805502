// The domain of ONNX Runtime's operators on tensors whose channels lie in blocks.
export const NCHWC = "com.microsoft.nchwc";
