export { createComplaints } from './complaints.ts';
export { explain } from './explain.ts';
export { gatewayAddress, showToken } from './gateway-address.ts';
export { listenFailure } from './listen-failure.ts';
export { ownFolder } from './own-folder.ts';
export { runProcess, type ProcessContext, type RunningProcess } from './run-process.ts';
export { readTokens, type Tokens } from './tokens.ts';
export { within } from './within.ts';
