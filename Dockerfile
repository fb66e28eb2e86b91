# The ledger, run from its source as everything here is: `docker compose up`, or
#   docker build -t waybill-ledger . && docker run -e WAYBILL_INGEST_TOKEN -e WAYBILL_READ_TOKEN -p 7733:7733 waybill-ledger
FROM node:24.21.0-slim

WORKDIR /app
# What is installed is a layer of its own, and stays while only sources change.
COPY package.json package-lock.json ./
COPY packages/ledger/package.json packages/ledger/
COPY packages/waybill/package.json packages/waybill/
COPY fixtures/otel-sdk-1/package.json fixtures/otel-sdk-1/
COPY fixtures/otel-sdk-2/package.json fixtures/otel-sdk-2/
COPY fixtures/otel-sdk-3/package.json fixtures/otel-sdk-3/
RUN npm ci --omit=dev --omit=peer --omit=optional --ignore-scripts --workspace=@waybill/ledger && npm cache clean --force
COPY packages/ledger packages/ledger
RUN mkdir /data && chown node:node /data

USER node
ENV WAYBILL_HOST=0.0.0.0 WAYBILL_DATA=/data
VOLUME /data
EXPOSE 7733
HEALTHCHECK CMD ["node", "-e", "fetch('http://127.0.0.1:7733/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--conditions=@waybill/source", "packages/ledger/bin/waybill.mjs"]
CMD ["serve"]
