/** Compiles the inference kernel into its place: `npm run build:kernel`. */
import { writeFileSync } from 'node:fs';
import { compileKernel, KERNEL_MODULE_FILE, kernelModuleText } from './fixtures/kernel-module.ts';

writeFileSync(KERNEL_MODULE_FILE, kernelModuleText(await compileKernel()));
