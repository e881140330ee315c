/** What computes: the native library of tfjs-node, WebAssembly, or plain JavaScript. */
export type TensorflowBackend = 'node' | 'wasm' | 'cpu';
