# One image per app by target: docker build --target gateway .
# The build stage compiles the whole workspace once; each target carries it with its own command.
FROM node:24-bookworm-slim AS build
# The ONNX runtime's install step would fetch CUDA libraries; the CPU library is in the package.
ENV ONNXRUNTIME_NODE_INSTALL=skip
WORKDIR /mettle
COPY package.json package-lock.json .npmrc ./
COPY libs ./libs
COPY apps ./apps
COPY examples ./examples
COPY tools ./tools
COPY tsconfig.json tsconfig.base.json tsconfig.build.json nx.json ./
RUN npm ci --no-audit --no-fund && npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim AS app
ENV NODE_ENV=production METTLE_HOME=/var/lib/mettle METTLE_HOST=0.0.0.0
WORKDIR /mettle
COPY --from=build /mettle /mettle
RUN useradd --system --create-home mettle && mkdir -p /var/lib/mettle && chown mettle /var/lib/mettle
USER mettle

FROM app AS gateway
EXPOSE 7410
CMD ["node", "apps/gateway/dist/main.js"]

FROM app AS inference-server
EXPOSE 7420
CMD ["node", "apps/inference-server/dist/main.js"]

FROM app AS lifecycle-worker
CMD ["node", "apps/lifecycle-worker/dist/main.js"]

# Training needs Python; the requirements are hash-locked.
FROM app AS compute-worker
USER root
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv libgomp1 && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/trainer && /opt/trainer/bin/pip install --no-cache-dir --no-deps --require-hashes -r apps/trainer/requirements.lock
ENV METTLE_PYTHON=/opt/trainer/bin/python
USER mettle
CMD ["node", "apps/compute-worker/dist/main.js"]
