// Command kafkalocal is a broker of Kafka's protocol in memory, franz-go's kfake, for tests: a module of its own, so that nothing
// of it becomes a dependency of the components. It has one topic, into which it puts every line that it reads, and ends when there
// are no more.
package main

import (
	"bufio"
	"context"
	"flag"
	"io"
	"log"
	"os"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	port := flag.Int("port", 9092, "where it listens, on 127.0.0.1")
	topic := flag.String("topic", "audit", "the topic")
	partitions := flag.Int("partitions", 3, "how many partitions it has")
	flag.Parse()
	if err := run(*port, *topic, int32(*partitions), os.Stdin); err != nil {
		log.Fatal(err)
	}
}

func run(port int, topic string, partitions int32, lines io.Reader) error {
	cluster, err := kfake.NewCluster(kfake.Ports(port), kfake.NumBrokers(1), kfake.SeedTopics(partitions, topic))
	if err != nil {
		return err
	}
	defer cluster.Close()
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	if err != nil {
		return err
	}
	defer client.Close()
	scanner := bufio.NewScanner(lines)
	for scanner.Scan() {
		if err := client.ProduceSync(context.Background(), kgo.StringRecord(scanner.Text())).FirstErr(); err != nil {
			return err
		}
	}
	return scanner.Err()
}
