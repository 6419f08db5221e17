import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategy.LowerCaseWithUnderscoresStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.DataInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.slf4j.LoggerFactory;

/** Scores the MNIST test images with a network that Train has saved. */
// The saved network has these.
@JsonIgnoreProperties({"hidden_layers", "hidden_units", "activation"})
@JsonNaming(LowerCaseWithUnderscoresStrategy.class)
public class Predict {
    static final int CLASSES = 10;

    // This Jackson takes an enum's names as they stand.
    enum Precision { float32, float64 }

    public File model;
    public File testImages;
    public File scores;
    public int inputs;
    public int batchSize;
    public int repeats;
    public Precision precision;

    static INDArray readFloats(File file, int columns) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file.toPath()));
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return Nd4j.create(values, new int[] {values.length / columns, columns}, 'c');
    }

    static void writeFloats(File file, float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
        Files.write(file.toPath(), bytes.array());
    }

    void run() throws IOException {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        Nd4j.dtype = precision == Precision.float32 ? DataBuffer.Type.FLOAT : DataBuffer.Type.DOUBLE;
        System.out.println("ready");

        INDArray images = readFloats(testImages, inputs);
        System.out.println("loaded");

        byte[] json = Files.readAllBytes(new File(model, "configuration.json").toPath());
        MultiLayerNetwork network = new MultiLayerNetwork(
                MultiLayerConfiguration.fromJson(new String(json, StandardCharsets.UTF_8)));
        network.init();
        try (DataInputStream file = new DataInputStream(
                new FileInputStream(new File(model, "parameters.bin")))) {
            network.setParameters(Nd4j.read(file));
        }
        System.out.println("built");

        INDArray logits = Nd4j.create(images.rows(), CLASSES);
        for (int repeat = 1; repeat <= repeats; repeat++) {
            for (int start = 0; start < images.rows(); start += batchSize) {
                int end = Math.min(start + batchSize, images.rows());
                INDArray batch = images.get(NDArrayIndex.interval(start, end), NDArrayIndex.all());
                logits.get(NDArrayIndex.interval(start, end), NDArrayIndex.all())
                        .assign(network.preOutput(batch));
            }
            System.out.println("predicted " + repeat);
        }

        writeFloats(scores, logits.dup('c').data().asFloat());
        System.out.println("saved");
    }

    public static void main(String[] args) throws IOException {
        Predict predict = new Predict();
        try {
            new ObjectMapper().readerForUpdating(predict).readValue(new File(args[0]));
        } catch (JsonMappingException e) {
            System.err.println("cannot take these settings: " + e.getOriginalMessage());
            System.exit(1);
        }
        predict.run();
    }
}
