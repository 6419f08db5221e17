import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategy.LowerCaseWithUnderscoresStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.DataOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.aggregate.UpdaterAggregator;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.slf4j.LoggerFactory;

/** Trains a fully connected network on MNIST with Deeplearning4j. */
@JsonNaming(LowerCaseWithUnderscoresStrategy.class)
public class Train {
    static final int CLASSES = 10;

    // This Jackson takes an enum's names as they stand.
    enum Activation { tanh, relu, sigmoid }

    enum Optimizer { sgd, adam }

    enum PartialBatch { keep, drop, wrap }

    enum Precision { float32, float64 }

    public File trainImages;
    public File trainLabels;
    public File initialWeights;
    public File model;
    public int inputs;
    public int hiddenLayers;
    public int hiddenUnits;
    public Activation activation;
    public Optimizer optimizer;
    public double learningRate;
    public double learningRateGamma = 0;
    public double learningRatePower = 1;
    public double momentum = 0;
    public double dampening = 0;
    public boolean nesterov = false;
    public double beta1 = 0.9;
    public double beta2 = 0.999;
    public double epsilon = 1e-8;
    public double weightDecay = 0;
    public int batchSize;
    public PartialBatch partialBatch;
    public int epochs;
    public boolean shuffle;
    public long seed;
    public Precision precision;

    static INDArray readFloats(File file, int columns) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file.toPath()));
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return Nd4j.create(values, new int[] {values.length / columns, columns}, 'c');
    }

    /** Reads labels into an array of shape [images, classes] with a one at each image's digit. */
    static INDArray readLabels(File file) throws IOException {
        byte[] digits = Files.readAllBytes(file.toPath());
        float[] oneHot = new float[digits.length * CLASSES];
        for (int i = 0; i < digits.length; i++) {
            oneHot[i * CLASSES + digits[i]] = 1;
        }
        return Nd4j.create(oneHot, new int[] {digits.length, CLASSES}, 'c');
    }

    MultiLayerConfiguration configuration() {
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .iterations(1)
                .optimizationAlgo(OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT)
                .learningRate(learningRate)
                .updater(nesterov
                        ? org.deeplearning4j.nn.conf.Updater.NESTEROVS
                        : org.deeplearning4j.nn.conf.Updater.SGD)
                .momentum(momentum)
                .list(hiddenLayers + 1);
        int fanIn = inputs;
        for (int i = 0; i < hiddenLayers; i++) {
            layers.layer(i, new DenseLayer.Builder()
                    .nIn(fanIn)
                    .nOut(hiddenUnits)
                    .activation(activation.name())
                    .build());
            fanIn = hiddenUnits;
        }
        return layers
                .layer(hiddenLayers, new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(fanIn)
                        .nOut(CLASSES)
                        .activation("softmax")
                        .build())
                .pretrain(false)
                .backprop(true)
                .build();
    }

    /**
     * Whether Deeplearning4j's own updaters take the steps that are asked for. They work on the sum
     * of a batch's gradients and divide the finished step, velocity and all, by the size of the
     * batch; they add the weight decay to the step; and they have momentum only with Nesterov's step.
     */
    boolean ownUpdaterWillDo(int images) {
        return optimizer == Optimizer.sgd
                && learningRateGamma == 0
                && dampening == 0
                && weightDecay == 0
                && (momentum == 0
                        || nesterov && (partialBatch != PartialBatch.keep || images % batchSize == 0));
    }

    /** Fills the layers from one vector that holds, layer by layer, weights and biases. */
    static void setParameters(MultiLayerNetwork network, INDArray values) {
        int start = 0;
        for (Layer layer : network.getLayers()) {
            for (String name : new String[] {"W", "b"}) {
                INDArray parameter = layer.getParam(name);
                int end = start + parameter.length();
                layer.setParam(name, values.get(NDArrayIndex.interval(start, end))
                        .dup().reshape('c', parameter.shape()));
                start = end;
            }
        }
    }

    void run() throws IOException {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        Nd4j.dtype = precision == Precision.float32 ? DataBuffer.Type.FLOAT : DataBuffer.Type.DOUBLE;
        System.out.println("ready");

        DataSet data = new DataSet(readFloats(trainImages, inputs), readLabels(trainLabels));
        System.out.println("loaded");

        MultiLayerNetwork network = new MultiLayerNetwork(configuration());
        network.init();
        setParameters(network, readFloats(initialWeights, 1));
        int images = data.numExamples();
        if (!ownUpdaterWillDo(images)) {
            network.setUpdater(new MeanUpdater());
        }
        System.out.println("built");

        Random random = new Random(seed);
        DataSet leftOver = null;
        for (int epoch = 1; epoch <= epochs; epoch++) {
            if (shuffle) {
                long order = random.nextLong();
                Nd4j.shuffle(data.getFeatures(), new Random(order), 1);
                Nd4j.shuffle(data.getLabels(), new Random(order), 1);
            }
            int start = 0;
            if (leftOver != null) {
                start = batchSize - leftOver.numExamples();
                DataSet first = (DataSet) data.getRange(0, start);
                network.fit(DataSet.merge(Arrays.asList(leftOver, first)));
                leftOver = null;
            }
            for (; start + batchSize <= images; start += batchSize) {
                network.fit(data.getRange(start, start + batchSize));
            }
            if (start < images && partialBatch == PartialBatch.keep) {
                network.fit(data.getRange(start, images));
            } else if (start < images && partialBatch == PartialBatch.wrap) {
                leftOver = ((DataSet) data.getRange(start, images)).copy();
            }
            System.out.println("epoch " + epoch);
        }

        model.mkdirs();
        String json = network.getLayerWiseConfigurations().toJson();
        Files.write(
                new File(model, "configuration.json").toPath(), json.getBytes(StandardCharsets.UTF_8));
        try (DataOutputStream file = new DataOutputStream(
                new FileOutputStream(new File(model, "parameters.bin")))) {
            Nd4j.write(network.params(), file);
        }
        System.out.println("saved");
    }

    public static void main(String[] args) throws IOException {
        Train train = new Train();
        try {
            new ObjectMapper().readerForUpdating(train).readValue(new File(args[0]));
        } catch (JsonMappingException e) {
            System.err.println("cannot take these settings: " + e.getOriginalMessage());
            System.exit(1);
        }
        train.run();
    }

    /** Updates with the mean gradient of a batch, weight decay included. */
    class MeanUpdater implements Updater {
        private final Map<String, INDArray> velocities = new HashMap<>();
        private final Map<String, Adam> adams = new HashMap<>();
        // The optimizer passes on an iteration that it never counts up.
        private int iteration = 0;

        @Override
        public void update(Layer network, Gradient gradient, int ignored, int miniBatchSize) {
            double rate =
                    learningRate * Math.pow(1 + learningRateGamma * iteration, -learningRatePower);
            for (String name : gradient.gradientForVariable().keySet()) {
                INDArray mean = gradient.getGradientFor(name)
                        .div(miniBatchSize)
                        .addi(network.getParam(name).mul(weightDecay));
                gradient.setGradientFor(name, optimizer == Optimizer.adam
                        ? adam(name, mean, rate)
                        : sgd(name, mean, rate));
            }
            iteration++;
        }

        private INDArray sgd(String name, INDArray gradient, double rate) {
            // As in Torch, the first gradient enters the velocity undampened.
            gradient.muli(iteration > 0 ? rate * (1 - dampening) : rate);
            INDArray velocity =
                    velocities.computeIfAbsent(name, key -> Nd4j.zeros(gradient.shape()));
            velocity.muli(momentum).addi(gradient);
            return nesterov ? velocity.mul(momentum).addi(gradient) : velocity;
        }

        private INDArray adam(String name, INDArray gradient, double rate) {
            Adam adam = adams.computeIfAbsent(name, key -> new Adam(rate, beta1, beta2, epsilon));
            adam.setLearningRate(rate);
            // Adam counts its steps from one.
            return adam.getGradient(gradient, iteration + 1);
        }

        @Override
        public UpdaterAggregator getAggregator(boolean addThis) {
            throw new UnsupportedOperationException("Nothing is trained in parallel here.");
        }
    }
}
