import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** The part of kafka-topics.sh that deploy/compose uses: its own class is in no jar of the package index. */
public final class Topics {
  public static void main(String[] args) throws Exception {
    Map<String, String> options = new HashMap<>();
    Map<String, String> config = new HashMap<>();
    for (int i = 0; i < args.length; i++) {
      String name = args[i];
      if (List.of("--list", "--create", "--if-not-exists").contains(name)) options.put(name, "");
      else if (name.equals("--config")) config.put(args[++i].split("=", 2)[0], args[i].split("=", 2)[1]);
      else options.put(name, args[++i]);
    }
    Map<String, Object> settings =
        Map.of("bootstrap.servers", options.get("--bootstrap-server"), "default.api.timeout.ms", "5000", "request.timeout.ms", "3000");
    try (Admin admin = Admin.create(settings)) {
      if (options.containsKey("--list")) admin.listTopics().names().get().forEach(System.out::println);
      if (options.containsKey("--create")) create(admin, options, config);
    }
  }

  private static void create(Admin admin, Map<String, String> options, Map<String, String> config) throws Exception {
    int partitions = Integer.parseInt(options.get("--partitions"));
    NewTopic topic = new NewTopic(options.get("--topic"), Optional.of(partitions), Optional.empty()).configs(config);
    try {
      admin.createTopics(List.of(topic)).all().get();
      System.out.println("Created topic " + topic.name() + ".");
    } catch (ExecutionException error) {
      if (!(error.getCause() instanceof TopicExistsException && options.containsKey("--if-not-exists"))) throw error;
    }
  }
}
