import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.base.mjs';

export default mergeConfig(base, defineConfig({ root: import.meta.dirname, test: { name: 'process' } }));
