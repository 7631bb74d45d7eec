#!/bin/bash
# Formats the storage once, with the administrator's password, and starts the broker.
set -euo pipefail
umask 077
settings=/tmp/server.properties
sed -e "s/@ADMIN@/$KAFKA_ADMIN_PASSWORD/g" -e "s/@CONTROLLER@/$KAFKA_CONTROLLER_PASSWORD/g" \
  /etc/siku/server.properties > "$settings"
if [ ! -f /var/lib/kafka/data/meta.properties ]; then
  /opt/kafka/bin/kafka-storage.sh format --standalone --config "$settings" \
    --cluster-id "$(/opt/kafka/bin/kafka-storage.sh random-uuid)" \
    --add-scram "SCRAM-SHA-512=[name=admin,password=$KAFKA_ADMIN_PASSWORD]" > /dev/null
fi
exec /opt/kafka/bin/kafka-server-start.sh "$settings"
